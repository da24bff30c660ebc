"""Crops that wait to be written: in memory while they are few, then in a temporary file."""

import os
import tempfile
import threading
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

_IN_MEMORY = 64 << 20  # bytes: a minute or two of one face


@dataclass(frozen=True, slots=True)
class StoredCrop:
    """Where the bytes of a crop are in its spool."""

    offset: int
    size: int


class CropSpool:
    """The bytes of crops, kept in the order in which they come. Safe for threads.

    The file is in the folder for temporary files (TMPDIR) and disappears with the process, however
    that ends.
    """

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115
        # Tracks share the spool: it is closed when none of them needs it any more.
        weakref.finalize(self, self._file.close)
        self._size = 0
        self._lock = threading.Lock()

    def add(self, data: bytes) -> StoredCrop:
        """Keep the bytes of one crop."""
        with self._lock:
            self._file.seek(0, os.SEEK_END)
            self._file.write(data)
            stored = StoredCrop(self._size, len(data))
            self._size += len(data)
        return stored

    def read(self, stored: StoredCrop) -> bytes:
        """The bytes of one crop."""
        with self._lock:
            self._file.seek(stored.offset)
            return self._file.read(stored.size)


class SpooledCrops(Sequence[bytes]):
    """The crops of one track, each read when it is asked for."""

    def __init__(self, spool: CropSpool, crops: Iterable[StoredCrop]) -> None:
        self._spool, self._crops = spool, tuple(crops)

    def __len__(self) -> int:
        return len(self._crops)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> "SpooledCrops": ...
    def __getitem__(self, index: int | slice) -> "bytes | SpooledCrops":
        if isinstance(index, slice):
            return SpooledCrops(self._spool, self._crops[index])
        return self._spool.read(self._crops[index])
