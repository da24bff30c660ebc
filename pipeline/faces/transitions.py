"""Gradual transitions between two shots: dissolves and wipes, found in thumbnails alone.

In a dissolve or a wipe every pixel goes from its old value to its new value and is never anything
else in between. Motion is different: whatever passes over a pixel is neither the old nor the new.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.media.resample import Plane

_LENGTHS = (8, 12, 25, 50)  # rows over which a transition is searched
_LEAST_CHANGE = 12.0  # luma levels by which its two ends differ, on average
# Share of that change by which pixels may leave the range between both ends.
_MOST_OUTSIDE = 0.09
_MOST_UNEVEN = 0.17  # by how much its progress may differ from a steady one
_EDGE = 0.06  # progress at which a transition begins; it ends this much before 1


class Transitions:
    """Collects the rows of gradual transitions while the thumbnails of a video come in."""

    def __init__(self) -> None:
        self._recent: deque[Plane] = deque(maxlen=max(_LENGTHS) + 1)
        self._found: list[RowSpan] = []

    def feed(self, row: int, thumbnail: Plane) -> None:
        """Take the thumbnail of the next row."""
        self._recent.append(thumbnail)
        # Every other row is enough: a transition is found at several of its rows.
        if row % 2:
            return
        for length in _LENGTHS:
            if length >= len(self._recent):
                continue
            recent = list(self._recent)
            mixed = _find_transition(recent[-length - 1 :])
            if mixed is not None:
                self._add(mixed.shifted(row - length))

    def spans(self) -> list[RowSpan]:
        """The rows that show two shots at once, in order."""
        return self._found

    def last_row(self) -> int:
        """The last row of the last transition; -1 where there is none."""
        return self._found[-1].last if self._found else -1

    def _add(self, span: RowSpan) -> None:
        """Join spans that overlap: a long transition contains many short ones."""
        while self._found and self._found[-1].last + 1 >= span.first:
            earlier = self._found.pop()
            first = min(earlier.first, span.first)
            last = max(earlier.last, span.last)
            span = RowSpan(first, last)
        self._found.append(span)


def _find_transition(thumbnails: Sequence[Plane]) -> RowSpan | None:
    """The thumbnails that mix the first one and the last one; None where motion explains them."""
    start = thumbnails[0].astype(np.float32)
    end = thumbnails[-1].astype(np.float32)
    length = len(thumbnails) - 1
    change = end - start
    mean_change = float(np.abs(change).mean())
    if mean_change < _LEAST_CHANGE:
        return None
    energy = float((change**2).sum())

    def progress(step: int) -> float:
        """How far a thumbnail has gone from the start (0) to the end (1), by projection."""
        gone = thumbnails[step] - start
        projected = (gone * change).sum()
        return float(projected) / energy

    # Three thumbnails in between have to lie within the range, and where a steady change would be.
    low = np.minimum(start, end)
    high = np.maximum(start, end)
    most_outside = _MOST_OUTSIDE * mean_change
    for step in (length // 4, length // 2, 3 * length // 4):
        if _outside(thumbnails[step], low, high) > most_outside:
            return None
        steady = step / length
        if abs(progress(step) - steady) > _MOST_UNEVEN:
            return None
    # The first and the last rows show only one of the two shots, and stay usable.
    mixed = [step for step in range(1, length) if _EDGE < progress(step) < 1 - _EDGE]
    return RowSpan(mixed[0], mixed[-1])


def _outside(
    middle: Plane,
    low: npt.NDArray[np.float32],
    high: npt.NDArray[np.float32],
) -> float:
    """Mean distance of the pixels from the range between `low` and `high`, in luma levels."""
    below = np.maximum(low - middle, 0)
    above = np.maximum(middle - high, 0)
    distance = below + above
    return float(distance.mean())
