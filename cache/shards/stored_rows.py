"""The crops and the audio of a shard, read by several threads at once."""

import os
import weakref
from dataclasses import dataclass
from functools import partial

import h5py

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.shards.codec import CropDecoder
from avdf.cache.shards.hdf5_errors import reading
from avdf.cache.shards.stored_column import StoredColumn, find_stored
from avdf.cache.shards.stored_crops import read_crops


@dataclass(frozen=True)
class _Columns:
    """Where the three columns lie that hold crops and audio."""

    offset: StoredColumn
    crops: StoredColumn
    pcm: StoredColumn


class StoredRows:
    """The rows of one shard, without HDF5 and without a lock.

    It holds its own file descriptor, so that it reads the file that was checked even if another one
    takes its name. HDF5's lock on the file stays, so that no HDF5 program changes it. The
    descriptor is closed when nobody holds the object any more: no thread can read from a number
    that another file has got meanwhile.
    """

    def __init__(self, file: h5py.File, columns: _Columns, decoder: CropDecoder):
        self._columns, self._decoder = columns, decoder
        self._file = os.dup(file.id.get_vfd_handle())
        weakref.finalize(self, os.close, self._file)

    def crops(self, row: int, count: int = SEGMENT_FRAMES) -> list[UInt8Array]:
        """The encoded bytes of `count` crops from `row` on, one array each.

        Raises:
            SegmentError: they cannot be read.
        """
        what = f"the crops from row {row} on"
        with reading(self._decoder.path, what, SegmentError):
            offsets = self._columns.offset.read(self._file, row, row + count + 1)
            read = partial(self._columns.crops.read, self._file)
            return read_crops(offsets, read, self._decoder.size)

    def pcm(self, row: int, count: int = SEGMENT_FRAMES) -> Pcm:
        """(640 count,) samples of `count` rows from `row` on.

        Raises:
            SegmentError: they cannot be read.
        """
        first, last = row * SAMPLES_PER_FRAME, (row + count) * SAMPLES_PER_FRAME
        with reading(self._decoder.path, f"the audio from row {row} on", SegmentError):
            return self._columns.pcm.read(self._file, first, last)

    def decode(
        self, crops: list[UInt8Array], row: int, out: UInt8Array | None = None
    ) -> UInt8Array:
        """As `CropDecoder.decode`."""
        return self._decoder.decode(crops, row, out)


def find_rows(file: h5py.File, decoder: CropDecoder) -> StoredRows | None:
    """The rows of an open shard; None where only HDF5 can read them."""
    names = ("frames/offset", "frames/bytes", "audio/pcm")
    offset, crops, pcm = (find_stored(file[name]) for name in names)
    if offset is None or crops is None or pcm is None:
        return None
    return StoredRows(file, _Columns(offset, crops, pcm), decoder)
