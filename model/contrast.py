"""Matching losses that ask for order within a segment: InfoNCE over frames, and a margin form.

The paper's loss (`model/matching.py`) never compares two frames of one real segment, so nothing in
it asks which frame belongs to which sound. These two do.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from avdf.cache.core.labels import REAL

START_TEMPERATURE = 0.1
MARGIN = 0.5  # of cosine distance


def info_nce(
    visual: Tensor, audio: Tensor, labels: Tensor, temperature: Tensor
) -> Tensor:
    """Symmetric InfoNCE over all frames of the real segments of a batch, a scalar.

    Each visual frame must find its own audio frame among those of all real segments, and the other
    way round: the mean of two cross-entropies of cosine / temperature. 0 without real segments.

    Source: van den Oord et al. 2018, in the symmetric form of CLIP (Radford et al. 2021).

    Args:
        visual, audio: f'_v, f'_a (B, T, D).
        labels: (B,) of the video: 0 real, 1 fake, -1 unknown.
        temperature: a positive scalar.
    """
    similarity, real = _frame_similarity(visual, audio, labels)
    logits = similarity / temperature
    # Columns and rows of frames that are not real take no part: -inf adds nothing to a sum of
    # exponentials. Selecting the real ones would make a GPU's program wait for their number.
    hidden = ~real
    of_visual = logits.masked_fill(hidden[None, :], -torch.inf)
    of_audio = logits.T.masked_fill(hidden[None, :], -torch.inf)
    own = logits.diagonal()
    costs = of_visual.logsumexp(dim=1) + of_audio.logsumexp(dim=1) - 2 * own
    # A batch without any real frame has only -inf: its cost is not used.
    used = torch.where(real, costs, torch.zeros_like(costs))
    return used.sum() / (2 * real.sum().clamp(min=1))


def margin_loss(
    visual: Tensor, audio: Tensor, labels: Tensor, margin: float = MARGIN
) -> Tensor:
    """Each real frame must be nearer to its own sound than to any other, by a margin; a scalar.

    Mean of max(0, margin + D(own) - D(other)) over all pairs of real frames, both ways round, with
    D = 1 - cosine. It is 0 only where all pairs keep the margin, and features that are all alike
    cost the whole margin: it cannot collapse. 0 without real segments.

    Args:
        visual, audio, labels: as of `info_nce`.
    """
    similarity, real = _frame_similarity(visual, audio, labels)
    own = similarity.diagonal()
    # D(own) - D(other) = cosine(other) - cosine(own).
    of_visual = (margin + similarity - own[:, None]).clamp(min=0)
    of_audio = (margin + similarity - own[None, :]).clamp(min=0)
    others = ~torch.eye(len(own), dtype=torch.bool, device=own.device)
    counted = others & real[:, None] & real[None, :]
    total = ((of_visual + of_audio) * counted).sum()
    return total / (2 * counted.sum().clamp(min=1))


def _frame_similarity(
    visual: Tensor, audio: Tensor, labels: Tensor
) -> tuple[Tensor, Tensor]:
    """Cosines (B T, B T) of visual with audio frames, and which frames (B T,) are real."""
    time = visual.shape[1]
    visual = F.normalize(visual, dim=-1).flatten(0, 1)
    audio = F.normalize(audio, dim=-1).flatten(0, 1)
    real = (labels.to(visual.device) == REAL).repeat_interleave(
        time, output_size=len(visual)
    )
    return visual @ audio.T, real
