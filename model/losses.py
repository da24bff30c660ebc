"""The loss of training: cross-entropy of each verdict, and feature matching (Eq. 16)."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from avdf.cache.core.labels import UNKNOWN
from avdf.model.contrast import START_TEMPERATURE, info_nce, margin_loss
from avdf.model.hypersphere import alignment_loss, uniformity_loss
from avdf.model.matching import (
    Normalisation,
    PairDistances,
    cmfm_of_pairs,
    pair_distances,
)
from avdf.model.output import DetectorOutput

Level = Literal["frame", "segment"]
Matching = Literal["cmfm", "infonce", "margin"]


@dataclass(frozen=True)
class LossSettings:
    """Which losses take part, and the variants of the matching loss (Tables 4 and 5).

    alpha, beta, gamma  weights of the matching loss
    normalisation       see `cmfm_loss`
    level               `frame`: features are matched frame by frame; `segment`: their means
    matched_by          `cmfm`: the paper's loss; `infonce`, `margin`: see `model/contrast.py`
    matching_weight     of InfoNCE or the margin form
    with_cmfm           the paper's loss as well, beside InfoNCE or the margin form
    visual, audio,      whether each loss is part of the total
    video, matching
    uniformity,         weights of two losses on the features of the visual and the audio branch
    alignment           (model/hypersphere.py), each where the verdict of its branch is trained
    """

    alpha: float = 2.0
    beta: float = 2.0
    gamma: float = 1.0
    normalisation: Normalisation = "paper"
    level: Level = "frame"
    matched_by: Matching = "cmfm"
    matching_weight: float = 1.0
    with_cmfm: bool = False
    visual: bool = True
    audio: bool = True
    video: bool = True
    matching: bool = True
    uniformity: float = 0.0
    alignment: float = 0.0


@dataclass(frozen=True)
class Losses:
    """The terms of Eq. 16, scalars.

    total                the sum of those that take part
    visual, audio,       each term, also where it does not take part
    video, matching
    matched_distance,    mean cosine distance of such pairs; NaN where there are none
    mismatched_distance
    uniformity,          before their weights; None where their weight is 0
    alignment
    """

    total: Tensor
    visual: Tensor
    audio: Tensor
    video: Tensor
    matching: Tensor
    matched_distance: Tensor
    mismatched_distance: Tensor
    uniformity: Tensor | None = None
    alignment: Tensor | None = None


def detector_losses(
    output: DetectorOutput,
    labels: Tensor,
    settings: LossSettings,
    temperature: Tensor | None = None,
) -> Losses:
    """L = L_v + L_a + L_f + L_CMFM (Eq. 16), or with another matching loss.

    Args:
        temperature: of InfoNCE, a scalar; None: 0.1.
        labels: (B, 3) of the video, of the frames, of the audio; -1 (unknown) is left out of its
            loss. So is -2 (absent); a window whose video label is absent is compared with none.
            Optional fourth column: the number of the source that each segment was made of.
    """
    video_label, visual_label, audio_label, *source = labels.unbind(dim=1)
    visual = masked_cross_entropy(output.visual_logits, visual_label)
    audio = masked_cross_entropy(output.audio_logits, audio_label)
    video = masked_cross_entropy(output.video_logits, video_label)

    f_v, f_a = output.visual_features, output.audio_features
    if settings.level == "segment":
        f_v = f_v.mean(dim=1, keepdim=True)
        f_a = f_a.mean(dim=1, keepdim=True)
    # The distances of all pairs are computed once, for the loss and for the report.
    pairs = pair_distances(f_v, f_a, video_label, *source)
    matching = f_v.new_zeros(())
    if settings.matched_by != "cmfm":
        contrast = _contrast(f_v, f_a, video_label, settings, temperature)
        matching = settings.matching_weight * contrast
    if settings.matched_by == "cmfm" or settings.with_cmfm:
        matching = matching + _matching_loss(pairs, settings)

    terms = (
        (settings.visual, visual),
        (settings.audio, audio),
        (settings.video, video),
        (settings.matching, matching),
    )
    taking_part = [value for takes_part, value in terms if takes_part]
    uniformity, alignment = _spread(output, visual_label, audio_label, settings)
    if uniformity is not None:
        taking_part.append(settings.uniformity * uniformity)
    if alignment is not None:
        taking_part.append(settings.alignment * alignment)
    total = torch.stack(taking_part).sum()

    # Reported beside the losses: whether the features come to tell matched pairs from others.
    with torch.no_grad():
        matched, mismatched = pairs.mean(pairs.matched), pairs.mean(pairs.mismatched)
    return Losses(
        total=total,
        visual=visual,
        audio=audio,
        video=video,
        matching=matching,
        matched_distance=matched,
        mismatched_distance=mismatched,
        uniformity=uniformity,
        alignment=alignment,
    )


def _spread(
    output: DetectorOutput,
    visual_labels: Tensor,
    audio_labels: Tensor,
    settings: LossSettings,
) -> tuple[Tensor | None, Tensor | None]:
    """Uniformity and alignment, each the sum of both branches; None where the weight is 0."""
    branches = []
    if settings.visual and output.visual_mean is not None:
        branches.append((output.visual_mean, visual_labels))
    if settings.audio and output.audio_mean is not None:
        branches.append((output.audio_mean, audio_labels))
    uniformity = alignment = None
    if settings.uniformity and branches:
        parts = [uniformity_loss(mean, labels) for mean, labels in branches]
        uniformity = torch.stack(parts).sum()
    if settings.alignment and branches:
        parts = [alignment_loss(mean, labels) for mean, labels in branches]
        alignment = torch.stack(parts).sum()
    return uniformity, alignment


def _matching_loss(pairs: PairDistances, settings: LossSettings) -> Tensor:
    """The paper's loss, L_CMFM."""
    return cmfm_of_pairs(
        pairs,
        settings.alpha,
        settings.beta,
        settings.gamma,
        settings.normalisation,
    )


def _contrast(
    visual: Tensor,
    audio: Tensor,
    labels: Tensor,
    settings: LossSettings,
    temperature: Tensor | None,
) -> Tensor:
    """The matching loss that compares frames of real segments with each other."""
    if settings.matched_by == "margin":
        return margin_loss(visual, audio, labels)
    if temperature is None:
        temperature = visual.new_full((), START_TEMPERATURE)
    return info_nce(visual, audio, labels, temperature)


def masked_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy over the segments whose label is known; 0 where none is.

    Args:
        logits: (B, 2).
        labels: (B,) 0 real, 1 fake, -1 unknown, -2 absent.
    """
    # What is absent is as unknown to a loss as what nobody labelled.
    labels = labels.clamp(min=UNKNOWN)
    known = (labels != UNKNOWN).sum().clamp(min=1)
    # Neither a branch on the labels nor a mask as index: on a GPU, both make the program wait.
    total = F.cross_entropy(logits, labels, ignore_index=UNKNOWN, reduction="sum")
    return total / known
