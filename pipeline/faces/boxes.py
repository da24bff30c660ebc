"""Boxes around faces: how much they overlap, which belong together, how large they may be."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from avdf.pipeline.faces.detection import Box

_LEAST_OVERLAP = 0.25


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes."""
    corner = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.clip(corner, 0, None)))
    areas = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]))
    return shared / (areas - shared) if areas > shared else 0.0


def match(known: Sequence[Box], found: Sequence[Box]) -> list[tuple[int, int]]:
    """Pairs (index in known, index in found) with the largest total overlap, each pair of at least 0.25."""
    if not known or not found:
        return []
    scores = np.array([[overlap(a, b) for b in found] for a in known])
    rows, columns = linear_sum_assignment(-scores)
    return [
        (int(a), int(b))
        for a, b in zip(rows, columns, strict=True)
        if scores[a, b] >= _LEAST_OVERLAP
    ]


def fit_into_frame(
    squares: npt.NDArray[np.float32], width: int, height: int
) -> npt.NDArray[np.float32]:
    """Squares that are larger than the picture's long side cut down to it, and moved so that they hold all of it.

    A face that fills the picture has nothing around it: more than the whole picture would only be black.
    """
    largest = max(width, height)
    side = squares[:, 2] - squares[:, 0]
    size = np.array([width, height], np.float32)
    centre = (squares[:, :2] + squares[:, 2:]) / 2
    middle = np.clip(
        centre, size - largest / 2, largest / 2
    )  # the picture lies inside between these
    fitted = np.concatenate([middle - largest / 2, middle + largest / 2], axis=1)
    return np.where((side > largest)[:, None], fitted, squares).astype(np.float32)
