"""Crops that wait to be written: in memory while they are few, in a file without a name beyond that."""

import os
import tempfile
import threading
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

_IN_MEMORY = 64 << 20  # bytes; a minute or two of one face


@dataclass(frozen=True, slots=True)
class StoredCrop:
    """Where a crop lies in its spool."""

    offset: int
    size: int


class CropSpool:
    """Bytes that are kept in the order in which they come, and read by their place.

    The file lies in the folder for temporary files (TMPDIR) and is gone with the process, however that ends.
    """

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115  # closed when nobody needs it any more
        weakref.finalize(self, self._file.close)
        self._size = 0
        self._lock = threading.Lock()

    def add(self, data: bytes) -> StoredCrop:
        """Keep `data`."""
        with self._lock:
            self._file.seek(0, os.SEEK_END)
            self._file.write(data)
            place = StoredCrop(self._size, len(data))
            self._size += len(data)
        return place

    def read(self, place: StoredCrop) -> bytes:
        """What was kept there."""
        with self._lock:
            self._file.seek(place.offset)
            return self._file.read(place.size)


class SpooledCrops(Sequence[bytes]):
    """The crops of one track, each read when it is asked for."""

    def __init__(self, spool: CropSpool, places: Iterable[StoredCrop]) -> None:
        self._spool, self._places = spool, tuple(places)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> "SpooledCrops": ...
    def __getitem__(self, index: int | slice) -> "bytes | SpooledCrops":
        if isinstance(index, slice):
            return SpooledCrops(self._spool, self._places[index])
        return self._spool.read(self._places[index])
