"""Where the values of a column lie in its file, so that threads read them without HDF5's lock."""

import os
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

# Bytes. A block smaller than that is not worth a system call of its own.
_LEAST_BLOCK = 4096

Values = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class StoredColumn:
    """A column whose file holds its values as they are, in blocks of equal length.

    kind    of a value
    length  how many values there are
    block   how many values a block holds
    starts  (blocks,) int64, the byte of the file at which each block begins
    """

    kind: np.dtype[Any]
    length: int
    block: int
    starts: npt.NDArray[np.int64]

    def read(self, file: int, first: int, last: int) -> Values:
        """Values `first` to `last` - 1 from an open file descriptor. Safe for threads.

        Raises:
            IndexError: they are outside the column.
            OSError: the file ends before them, or cannot be read.
        """
        if not 0 <= first <= last <= self.length:
            raise IndexError(f"values {first} to {last} of {self.length}")
        values = np.empty(last - first, self.kind)
        read = first
        # Blocks of 10 values, values 8 to 23: 8 and 9 of block 0, all of block 1, 20 to 22 of
        # block 2.
        while read < last:
            number, within = divmod(read, self.block)
            end = min(last, read + self.block - within)
            start = int(self.starts[number]) + within * self.kind.itemsize
            part = values[read - first : end - first].view(np.uint8)
            _fill(file, part.data, start)
            read = end
        return values


def find_stored(column: h5py.Dataset) -> StoredColumn | None:
    """Where the values of a column of one dimension lie; None where only HDF5 can read them.

    HDF5 has to read what is packed, what was never written, and what lies in tiny chunks.
    """
    # With bytes of another format before HDF5's own, its addresses count from another place.
    if column.file.userblock_size or column.file.driver != "sec2":
        return None
    length = int(column.shape[0])
    if column.chunks is not None:
        return _find_chunks(column, length)
    start = column.id.get_offset()
    if start is None:
        return None
    return StoredColumn(column.dtype, length, max(length, 1), np.array([start]))


def _find_chunks(column: h5py.Dataset, length: int) -> StoredColumn | None:
    block = int(column.chunks[0])
    size = block * column.dtype.itemsize
    packed = column.id.get_create_plist().get_nfilters() > 0
    if packed or size < _LEAST_BLOCK:
        return None
    blocks = -(-length // block)
    # Counted first: a damaged file may declare far more chunks than it holds.
    if column.id.get_num_chunks() < blocks:
        return None
    starts = np.full(blocks, -1, np.int64)

    def note_start(chunk: Any) -> None:
        number = int(chunk.chunk_offset[0]) // block
        # A column that was cut may have left chunks after its end.
        if number < blocks and chunk.size == size:
            starts[number] = chunk.byte_offset

    column.id.chunk_iter(note_start)
    if (starts < 0).any():
        return None
    return StoredColumn(column.dtype, length, block, starts)


def _fill(file: int, part: memoryview, start: int) -> None:
    """Read the bytes of the file from `start` on until the part is full."""
    done = 0
    while done < len(part):
        # `preadv` has no position that threads would share, and does not hold the GIL. A mapped
        # file would end this process if it became shorter meanwhile; this raises an error.
        count = os.preadv(file, [part[done:]], start + done)
        if not count:
            raise OSError(f"the file ends at byte {start + done}")
        done += count
