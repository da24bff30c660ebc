"""Boxes around faces: how much they overlap, which belong together, how large they may be."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from avdf.pipeline.faces.detection import Box

_LEAST_OVERLAP = 0.25


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes."""
    start = np.maximum(first[:2], second[:2])
    stop = np.minimum(first[2:], second[2:])
    # Where the boxes do not meet, a side is negative: the shared area is 0 then.
    sides = np.clip(stop - start, 0, None)
    shared = float(np.prod(sides))
    first_area = np.prod(first[2:] - first[:2])
    second_area = np.prod(second[2:] - second[:2])
    areas = float(first_area + second_area)
    if areas > shared:
        return shared / (areas - shared)
    # Boxes without any area have no overlap, and nothing to divide by.
    return 0.0


def match(
    known: Sequence[Box],
    found: Sequence[Box],
) -> list[tuple[int, int]]:
    """Pairs (index in known, index in found) with the largest total overlap.

    Each pair overlaps by at least 0.25; each box is in one pair at most.
    """
    if not known or not found:
        return []
    shape = (len(known), len(found))
    overlaps = np.empty(shape)
    for row, one in enumerate(known):
        overlaps[row] = [overlap(one, other) for other in found]
    pairs: Iterable[tuple[int, int]]
    # One box has one best match. Only among several faces is there something to weigh.
    if len(known) == 1:
        pairs = [(0, int(overlaps[0].argmax()))]
    elif len(found) == 1:
        pairs = [(int(overlaps[:, 0].argmax()), 0)]
    else:
        from scipy.optimize import linear_sum_assignment

        # The best pairs all together: taken one by one, two close faces could swap.
        rows, columns = linear_sum_assignment(-overlaps)
        in_known = rows.tolist()
        in_found = columns.tolist()
        pairs = zip(in_known, in_found, strict=True)
    return [pair for pair in pairs if overlaps[pair] >= _LEAST_OVERLAP]


def best_match(box: Box, found: Sequence[Box]) -> int | None:
    """The index of the box in `found` that belongs to `box`; None where none does."""
    pairs = match([box], found)
    return pairs[0][1] if pairs else None


def interpolate(first: Box, last: Box, share: float) -> Box:
    """The box that lies `share` (0 to 1) of the way from the first to the last."""
    way = (last - first) * share
    return np.asarray(first + way, np.float32)


def square_around(box: Box) -> Box:
    """The square with the box's centre and the length of its longer side."""
    centre = (box[:2] + box[2:]) / 2
    width, height = box[2:] - box[:2]
    half = max(width, height) / 2
    corners = [centre - half, centre + half]
    return np.concatenate(corners).astype(np.float32)


def fit_into_frame(
    squares: npt.NDArray[np.float32],
    width: int,
    height: int,
) -> npt.NDArray[np.float32]:
    """(n, 4) squares; those larger than the frame's long side become that large and hold all of it.

    A face that fills the frame has nothing around it: a larger square would only add black.
    """
    largest = max(width, height)
    side = squares[:, 2] - squares[:, 0]
    size = np.array([width, height], np.float32)
    starts = squares[:, :2]
    stops = squares[:, 2:]
    centre = (starts + stops) / 2
    # Between these two positions of its centre, the square holds the whole frame.
    half = largest / 2
    middle = np.clip(centre, size - half, half)
    corners = [middle - half, middle + half]
    fitted = np.concatenate(corners, axis=1)
    is_too_large = (side > largest)[:, None]
    result = np.where(is_too_large, fitted, squares)
    return result.astype(np.float32)
