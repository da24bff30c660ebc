"""How large and how small a likelihood ratio a set of reference videos can support (ELUB).

Source: Vergeer, van Es, de Jongh, Alberink and Stoel 2016, "Numerical likelihood ratios outputted
by LR systems are often based on extrapolation: when to stop extrapolating?"
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_STEP = 0.01  # of the logarithm to base 10 in which bounds are searched


@dataclass(frozen=True)
class RatioBounds:
    """The smallest and the largest log10(LR) that may be stated.

    Raises:
        ValueError: an LR of 1, which states nothing, would lie outside.
    """

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not self.lower <= 0 <= self.upper:
            raise ValueError(f"bounds {self.lower} to {self.upper} do not contain 0")

    def clipped(self, log10_ratio: Array) -> Array:
        """The log10(LR), moved to the nearest bound where they lie outside; NaN stays."""
        return np.clip(log10_ratio, self.lower, self.upper)


def find_bounds(fake: Array, real: Array) -> RatioBounds:
    """The bounds that the log10(LR) of reference videos support.

    Whoever decides by these ratios must, at any prior odds, lose less than somebody who ignores
    them: the range of prior odds in which that holds is the range of ratios that may be stated.
    One misleading ratio is added to each class, as extreme as can be, since a set of n videos
    cannot exclude an error that happens once in n.

    Args:
        fake, real: (n,), (m,) log10(LR) of the videos of each class, at least one of each.
    """
    ends = np.concatenate([fake, real, [0.0]])
    first = np.floor(ends.min() / _STEP)
    last = np.ceil(ends.max() / _STEP)
    # At a threshold t the prior odds of real against fake are 10^t: LRs above it mean fake.
    thresholds = np.arange(first, last + 1) * _STEP
    system = _cost(fake, real, thresholds, misleading=1)
    # Whoever ignores the ratios decides by the prior odds alone.
    neutral = np.minimum(1.0, 10.0**thresholds)

    worse = system > neutral
    below, above = thresholds < 0, thresholds > 0
    too_low, too_high = thresholds[worse & below], thresholds[worse & above]
    lower = float(too_low.max() + _STEP) if len(too_low) else float(thresholds[0])
    upper = float(too_high.min() - _STEP) if len(too_high) else float(thresholds[-1])
    return RatioBounds(min(lower, 0.0), max(upper, 0.0))


def _cost(fake: Array, real: Array, thresholds: Array, misleading: int) -> Array:
    """(k,) expected cost of deciding by ratios: missed fakes, and accused real videos times odds.

    Args:
        misleading: how many fakes with the least ratio, and real videos with the largest, are
            added.
    """
    missed = np.searchsorted(np.sort(fake), thresholds, side="right")
    accused = len(real) - np.searchsorted(np.sort(real), thresholds, side="right")
    missed_share = (missed + misleading) / (len(fake) + misleading)
    accused_share = (accused + misleading) / (len(real) + misleading)
    return np.asarray(missed_share + accused_share * 10.0**thresholds)
