"""Encoded crops as a shard stores them: one after another in one column."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.shards.codec import largest_crop


def read_crops(
    offsets: npt.NDArray[np.uint64],
    read: Callable[[int, int], UInt8Array],
    size: int,
) -> list[UInt8Array]:
    """The encoded bytes of neighbouring crops, one array each; of sound alone, empty arrays.

    Args:
        offsets: (crops + 1,) where each crop begins in `frames/bytes`, and where the last one ends.
        read: gives the bytes of `frames/bytes` from one place to another.
        size: pixels of a side of a decoded crop.

    Raises:
        ValueError: the offsets do not run forward, or a crop is longer than any image of that size.
    """
    edges = offsets.astype(np.int64)
    # The edges were right when the shard was opened; the file may have changed since.
    sizes = np.diff(edges)
    if sizes.min() < 0 or sizes.max() > largest_crop(size):
        raise ValueError("frames/offset has changed")
    # Crops lie one after another, so one read fetches all of them: the edges 100, 110, 122 are the
    # bytes 100 to 121, split after the first 10.
    data = read(int(edges[0]), int(edges[-1]))
    return np.split(data, edges[1:-1] - edges[0])
