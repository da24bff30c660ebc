"""Crops that lie one after another."""

import numpy as np
import pytest

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.shards.stored_crops import read_crops

STORED = np.arange(200, dtype=np.uint8)


def read(first: int, last: int) -> UInt8Array:
    return STORED[first:last]


def test_crops_are_split_at_their_edges() -> None:
    crops = read_crops(np.array([100, 110, 122], np.uint64), read, size=16)
    assert [crop.tolist() for crop in crops] == [
        list(range(100, 110)),
        list(range(110, 122)),
    ]


def test_all_crops_are_read_at_once() -> None:
    asked: list[tuple[int, int]] = []

    def remember(first: int, last: int) -> UInt8Array:
        asked.append((first, last))
        return read(first, last)

    read_crops(np.array([3, 5, 9, 20], np.uint64), remember, size=16)
    assert asked == [(3, 20)]


@pytest.mark.parametrize("offsets", [[9, 4], [0, 2**63], [0, 10_000]])
def test_edges_that_fit_no_crops_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="frames/offset has changed"):
        read_crops(np.array(offsets, np.uint64), read, size=16)
