"""Runs of consecutive rows."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class RowSpan(NamedTuple):
    """Rows from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        return self.last - self.first + 1

    def meets(self, other: "RowSpan") -> bool:
        """Whether the two have a row in common."""
        return self.first <= other.last and other.first <= self.last

    def shifted(self, rows: int) -> "RowSpan":
        first = self.first + rows
        last = self.last + rows
        return RowSpan(first, last)


def runs_of(rows: npt.NDArray[np.bool_]) -> list[RowSpan]:
    """The runs of rows that are True, in order."""
    # With a False at both ends, every run has an edge where it begins and one after its end.
    padded = np.pad(rows.astype(np.int8), 1)
    edges = np.flatnonzero(np.diff(padded)).tolist()
    begins = edges[::2]
    ends = edges[1::2]
    pairs = zip(begins, ends, strict=True)
    return [RowSpan(first, after - 1) for first, after in pairs]
