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
        return RowSpan(self.first + rows, self.last + rows)


def runs_of(rows: npt.NDArray[np.bool_]) -> list[RowSpan]:
    """The runs of rows that are True, in order."""
    padded = np.pad(rows.astype(np.int8), 1)
    edges = np.flatnonzero(np.diff(padded)).tolist()
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [RowSpan(first, after - 1) for first, after in pairs]
