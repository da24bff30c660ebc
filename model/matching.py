"""Frame-level cross-modal feature matching: the loss L_CMFM (Eq. 14, 15)."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from avdf.cache.core.labels import ABSENT, FAKE, REAL

Normalisation = Literal["paper", "per_term"]

_UNRELATED = 1.0  # cosine distance of features that have nothing to do with each other


@dataclass(frozen=True)
class PairDistances:
    """Cosine distances of every visual with every audio frame of a batch, and the kinds of pairs.

    distance    (B, T, B, T) D = 1 - cos: [m, p, n, q] of visual frame p in segment m with audio
                frame q in segment n
    matched     same shape, bool: first case of Eq. 15, the same frame of a real segment
    fake        same shape, bool: second case, any two frames of a fake segment
    mismatched  same shape, bool: third case, two segments
    """

    distance: Tensor
    matched: Tensor
    fake: Tensor
    mismatched: Tensor

    def mean(self, mask: Tensor) -> Tensor:
        """Mean distance under a mask; NaN where it is empty.

        A masked sum: with the mask as index, a GPU makes the program wait for the number of pairs.
        """
        return (self.distance * mask).sum() / mask.sum()


def pair_distances(
    visual: Tensor, audio: Tensor, labels: Tensor, source: Tensor | None = None
) -> PairDistances:
    """Distances of aligned features, and which case of Eq. 15 each pair belongs to.

    Args:
        visual, audio: f'_v, f'_a (B, T, D).
        labels: (B,) of the video: 0 real, 1 fake. A segment with label -1 (unknown) is not paired
            with itself; with other segments it is mismatched like any other. One with label -2
            (absent: it has no picture or no sound) is paired with none.
        source: (B,) the number of the source of each segment; None: each has its own. Segments of
            one source are not mismatched: the picture of a genuine segment belongs to the sound of
            a copy whose picture alone was forged.
    """
    batch, time, _ = visual.shape
    device = visual.device
    visual = F.normalize(visual, dim=-1)
    audio = F.normalize(audio, dim=-1)
    cosine = torch.einsum("mpd,nqd->mpnq", visual, audio)
    # Rounding can make a cosine exceed 1: a negative distance would change the sign of its term.
    distance = (1.0 - cosine).clamp(min=0.0)

    # m = n and p = q of Eq. 15, spread over (m, p, n, q).
    segments = torch.eye(batch, dtype=torch.bool, device=device)
    same_segment = segments[:, None, :, None].expand(batch, time, batch, time)
    frames = torch.eye(time, dtype=torch.bool, device=device)
    same_frame = frames[None, :, None, :]
    label = labels.to(device)[:, None, None, None]
    whole = label != ABSENT
    comparable = whole & whole.permute(1, 2, 0, 3)
    if source is not None:
        number = source.to(device)[:, None, None, None]
        comparable = comparable & (number != number.permute(1, 2, 0, 3))
    return PairDistances(
        distance=distance,
        matched=same_segment & same_frame & (label == REAL),
        fake=same_segment & (label == FAKE),
        mismatched=~same_segment & comparable,
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

    Without a real segment there is no positive term, and the outer maximum makes the loss 0.

    Args:
        visual, audio: f'_v, f'_a (B, T, D).
        labels: (B,) of the video: 0 real, 1 fake, -1 unknown.
        alpha, beta, gamma: weights of matched, fake and mismatched pairs.
        normalisation: `paper` divides the sum of positive terms by their number, and that of
            negative terms by theirs. `per_term` takes the mean distance of each of the three
            cases, so that fake segments weigh as much as mismatched ones; and it asks fake and
            mismatched pairs for a distance of 1, where Eq. 14 has a maximum over the whole sum.
            With features that are all alike it is beta + gamma, so it cannot collapse to 0.
    """
    pairs = pair_distances(visual, audio, labels)
    return cmfm_of_pairs(pairs, alpha, beta, gamma, normalisation)


def cmfm_of_pairs(
    pairs: PairDistances,
    alpha: float = 2.0,
    beta: float = 2.0,
    gamma: float = 1.0,
    normalisation: Normalisation = "paper",
) -> Tensor:
    """`cmfm_loss` of distances that are known already."""
    if normalisation == "per_term":
        near = alpha * _masked_mean(pairs.distance, pairs.matched)
        # What is missing to a distance of 1. Beyond it nothing is gained, so no term can outweigh
        # the others.
        missing = (_UNRELATED - pairs.distance).clamp(min=0)
        far = beta * _masked_mean(missing, pairs.fake)
        far = far + gamma * _masked_mean(missing, pairs.mismatched)
        return near + far

    # Eq. 15: l, and 0 for pairs that are none of the three cases.
    matched = alpha * pairs.matched.float()
    fake = beta * pairs.fake.float()
    mismatched = gamma * pairs.mismatched.float()
    terms_l = (matched - fake - mismatched) * pairs.distance

    # Eq. 14: N_l^+ and N_l^- count the terms that are not 0; a sum without terms is 0.
    positive = terms_l.clamp(min=0).sum()
    negative = terms_l.clamp(max=0).sum()
    count_positive = (terms_l > 0).sum().clamp(min=1)
    count_negative = (terms_l < 0).sum().clamp(min=1)
    return (positive / count_positive + negative / count_negative).clamp(min=0)


def _masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean under a mask; 0 where it is empty."""
    return (values * mask).sum() / mask.sum().clamp(min=1)
