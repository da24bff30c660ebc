"""The losses: cross-entropy for each verdict and frame-level cross-modal feature matching (Eq. 14-16)."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.model.detector import DetectorOutput

Normalisation = Literal["paper", "per_term"]
Level = Literal["frame", "segment"]
LOSS_NAMES = ("visual", "audio", "video", "matching")


@dataclass(frozen=True)
class PairDistances:
    """Cosine distances D = 1 - cos of every picture frame with every sound frame of a batch, and which pair is what.

    distance (B, T, B, T): [m, p, n, q]; matched, fake, mismatched: masks of the same shape (Eq. 15's three cases).
    """

    distance: Tensor
    matched: Tensor
    fake: Tensor
    mismatched: Tensor

    def mean(self, mask: Tensor) -> Tensor:
        """Mean distance under a mask; NaN where it is empty."""
        return self.distance[mask].mean()


def pair_distances(visual: Tensor, audio: Tensor, labels: Tensor) -> PairDistances:
    """Distances of aligned features visual, audio (B, T, D). A segment whose label is unknown (-1) makes no pair.

    Source: Eq. 15. Segments of other videos are mismatched whatever their labels.
    """
    batch, time, _ = visual.shape
    cosine = torch.einsum("mpd,nqd->mpnq", F.normalize(visual, dim=-1), F.normalize(audio, dim=-1))
    same = torch.eye(batch, dtype=torch.bool, device=visual.device)[:, None, :, None].expand(
        batch, time, batch, time
    )
    together = torch.eye(time, dtype=torch.bool, device=visual.device)[None, :, None, :]
    of_label = labels.to(visual.device)[:, None, None, None]
    return PairDistances(
        distance=(1.0 - cosine).clamp(min=0.0),  # rounding must not turn a matched pair's sign
        matched=same & together & (of_label == REAL),
        fake=same & (of_label == FAKE),
        mismatched=~same,
    )


def cmfm_loss(
    visual: Tensor,
    audio: Tensor,
    labels: Tensor,
    alpha: float = 2.0,
    beta: float = 2.0,
    gamma: float = 1.0,
    normalisation: Normalisation = "paper",
) -> Tensor:
    """Frame-level cross-modal feature matching loss (Eq. 14, 15), a scalar.

    Args:
        visual, audio: f'_v, f'_a (B, T, D).
        labels: (B,) of the video: 0 real, 1 fake, -1 unknown.
        normalisation: `paper` divides the sum of positive terms by their number and that of negative terms by theirs;
            `per_term` takes each of the three cases' own mean, so that fake segments weigh as much as mismatched ones.

    Without a real segment there is no positive term, and the outer maximum makes the loss 0.
    """
    pairs = pair_distances(visual, audio, labels)
    if normalisation == "per_term":
        terms = ((alpha, pairs.matched), (-beta, pairs.fake), (-gamma, pairs.mismatched))
        return sum(
            (weight * _mean(pairs.distance, mask) for weight, mask in terms), visual.new_zeros(())
        ).clamp(min=0)
    weight = (
        alpha * pairs.matched.float() - beta * pairs.fake.float() - gamma * pairs.mismatched.float()
    )
    terms_l = weight * pairs.distance
    positive, negative = terms_l.clamp(min=0), terms_l.clamp(max=0)
    count_positive, count_negative = (
        (terms_l > 0).sum().clamp(min=1),
        (terms_l < 0).sum().clamp(min=1),
    )
    return (positive.sum() / count_positive + negative.sum() / count_negative).clamp(min=0)


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum() / mask.sum().clamp(min=1)


def masked_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy over the segments whose label is known; 0 where none is."""
    known = labels != UNKNOWN
    if not known.any():
        return logits.sum() * 0.0
    return F.cross_entropy(logits[known], labels[known])


@dataclass(frozen=True)
class LossSettings:
    """Weights of the matching loss (paper: 2, 2, 1), its variants, and which losses take part (Tables 4 and 5)."""

    alpha: float = 2.0
    beta: float = 2.0
    gamma: float = 1.0
    normalisation: Normalisation = "paper"
    level: Level = "frame"
    visual: bool = True
    audio: bool = True
    video: bool = True
    matching: bool = True


@dataclass(frozen=True)
class Losses:
    """The terms of Eq. 16 and the mean cosine distance of matched and of mismatched pairs (NaN where there is none).

    `total` is the sum of those that take part; the others are told all the same.
    """

    total: Tensor
    visual: Tensor
    audio: Tensor
    video: Tensor
    matching: Tensor
    matched_distance: Tensor
    mismatched_distance: Tensor


def detector_losses(output: DetectorOutput, labels: Tensor, settings: LossSettings) -> Losses:
    """L = L_v + L_a + L_f + L_CMFM (Eq. 16).

    Args:
        labels: (B, 3) label of the video, of the picture, of the sound; -1 is left out of its loss.
    """
    video_label, visual_label, audio_label = labels.unbind(dim=1)
    seen, heard = output.visual_features, output.audio_features
    if settings.level == "segment":
        seen, heard = seen.mean(dim=1, keepdim=True), heard.mean(dim=1, keepdim=True)
    visual = masked_cross_entropy(output.visual_logits, visual_label)
    audio = masked_cross_entropy(output.audio_logits, audio_label)
    video = masked_cross_entropy(output.video_logits, video_label)
    matching = cmfm_loss(
        seen,
        heard,
        video_label,
        settings.alpha,
        settings.beta,
        settings.gamma,
        settings.normalisation,
    )
    terms = {"visual": visual, "audio": audio, "video": video, "matching": matching}
    total = torch.stack([value for name, value in terms.items() if getattr(settings, name)]).sum()
    with torch.no_grad():
        pairs = pair_distances(seen.detach(), heard.detach(), video_label)
        matched, mismatched = pairs.mean(pairs.matched), pairs.mean(pairs.mismatched)
    return Losses(total, visual, audio, video, matching, matched, mismatched)
