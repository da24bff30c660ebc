"""A forged part within genuine sound, with a short cross-fade at its ends."""

import numpy as np

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE

_FADE = 2 * SAMPLE_RATE // 1000  # 2 ms


def splice_in(genuine: Pcm, forged: Pcm, first: int, last: int) -> Pcm:
    """The genuine sound, with the samples [first, last) of the forged one.

    Within the part, its first and last 2 ms go over from one to the other; of a part shorter than
    4 ms, each half. At the ends of the sound there is nothing to go over from.

    Args:
        genuine: (n,) stays as it is.
        forged: (n,)
        first: the first forged sample.
        last: the sample after the last forged one.

    Raises:
        ValueError: the lengths differ, or the part is empty or not within the sound.
    """
    if len(genuine) != len(forged):
        raise ValueError(f"{len(genuine)} genuine and {len(forged)} forged samples")
    if not 0 <= first < last <= len(genuine):
        raise ValueError(f"samples {first} to {last} of a sound of {len(genuine)}")
    weight = np.ones(last - first)
    fade = min(_FADE, len(weight) // 2)
    # Strictly between 0 and 1, so that each sample of a fade has something of both.
    rising = np.arange(1, fade + 1) / (fade + 1)
    if first > 0:
        weight[:fade] = rising
    if last < len(genuine):
        weight[len(weight) - fade :] = rising[::-1]
    mixed = weight * forged[first:last] + (1 - weight) * genuine[first:last]
    spliced = genuine.copy()
    spliced[first:last] = np.round(mixed).astype(np.int16)
    return spliced
