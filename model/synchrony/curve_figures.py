"""What offset curves say, read once for all that ask."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NEAR = 8  # frames, of the offsets over which the median is taken

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class CurveFigures:
    """Figures of n curves; NaN where a curve is not known.

    known   (n,) whether enough was compared to read the curve
    here    (n,) D(0)
    median  (n,) of D(k) over the offsets k of at most 8 frames to either side
    least   (n,) the least D(k)
    best    (n,) the column of the least D(k), counted from 0
    """

    known: Mask
    here: Array
    median: Array
    least: Array
    best: Array


def read_figures(distance: Array, known: Mask) -> CurveFigures:
    """The figures of curves.

    Args:
        distance: (n, offsets) D(k), an odd number of offsets; NaN where too little was compared.
        known: (n,) whether a curve is to be read: its middle, D(0), is then a number.
    """
    curves = distance[known]
    # Far offsets meet other words and other loudness: on recorded speech, the median over near ones
    # tells pairs apart better (docs/results.md).
    middle = distance.shape[1] // 2
    near = curves[:, max(0, middle - NEAR) : middle + NEAR + 1]
    # NaN is sorted to the end, so that the median stands in the middle of the numbers before it.
    ordered = np.sort(near, axis=1)
    numbers = np.isfinite(near).sum(axis=1)
    row = np.arange(len(curves))
    below, above = ordered[row, (numbers - 1) // 2], ordered[row, numbers // 2]
    best = np.where(np.isfinite(curves), curves, np.inf).argmin(axis=1)
    least = curves[row, best]

    def filled(values: Array) -> Array:
        found = np.full(len(known), np.nan)
        found[known] = values
        return found

    return CurveFigures(
        known=known,
        here=filled(curves[:, middle]),
        median=filled((below + above) / 2),
        least=filled(least),
        best=filled(best.astype(np.float64)),
    )


def join_figures(parts: Sequence[CurveFigures]) -> CurveFigures:
    """The figures of several parts, at least one, one after another."""
    return CurveFigures(
        known=np.concatenate([part.known for part in parts]),
        here=np.concatenate([part.here for part in parts]),
        median=np.concatenate([part.median for part in parts]),
        least=np.concatenate([part.least for part in parts]),
        best=np.concatenate([part.best for part in parts]),
    )
