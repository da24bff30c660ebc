"""A pool of open shards that several threads read from."""

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.arrays import LogMel, Pcm, UInt8Array
from avdf.cache.core.clock import FRAME_SIZE
from avdf.cache.core.errors import SegmentError, ShardError
from avdf.cache.files.file_state import FileState
from avdf.cache.machine.open_file_limit import raise_open_file_limit
from avdf.cache.shards.mirror import read_mirror
from avdf.cache.shards.reader import Shard
from avdf.cache.shards.stored_rows import StoredRows
from avdf.cache.stream.recent import Recent
from avdf.cache.stream.windows import NOT_STORED, Window

_MOST_OPEN = 64


@dataclass(frozen=True, eq=False)
class SegmentAudio:
    """The audio of one segment.

    pcm      (10240,) int16
    log_mel  (80, 64) float16 as the shard stores it; None for a window that is no stored segment
    """

    pcm: Pcm
    log_mel: LogMel | None


class ShardPool:
    """Shards opened at their first use. Safe for threads.

    The rows of all shards stay open as far as the limits of the process allow, since training reads
    them in random order. HDF5, which takes a megabyte for each file and lets one thread read at a
    time, is left open only for the shards that were used last.
    """

    def __init__(self, most_open: int = _MOST_OPEN, most_rows: int = 0) -> None:
        """Open nothing yet.

        Args:
            most_open: how many shards HDF5 holds open.
            most_rows: of how many shards the rows stay open; 0: as many as the process may open.
        """
        self._shards: Recent[Path, Shard] = Recent(most_open, Shard.close)
        most_rows = most_rows or raise_open_file_limit()
        self._rows: Recent[Path, StoredRows | None] = Recent(most_rows)
        # The place of an open file is not free for others even when a mirror removes it.
        self._mirrored: Recent[Path, StoredRows | None] = Recent(most_open)
        self._first_states: dict[Path, FileState] = {}
        self._lock = threading.Lock()

    def read(self, window: Window, frames: UInt8Array) -> SegmentAudio:
        """Decode the frames of one window into `frames` (16, S, S, 3) and return its audio.

        Raises:
            SegmentError: the window cannot be read or decoded.
        """
        audio = self._read_into(window.shard, window.row, frames)
        if window.segment == NOT_STORED:
            return SegmentAudio(audio, None)
        with self._lock:
            log_mel = self._open(window.shard).log_mel(window.segment)
        if not np.isfinite(log_mel).all():
            raise SegmentError(
                f"{window.shard}: log-mel of segment {window.segment} is not finite; "
                "rebuild the shard"
            )
        return SegmentAudio(audio, log_mel)

    def read_rows(self, path: Path, row: int, count: int) -> tuple[UInt8Array, Pcm]:
        """`count` rows of a shard: frames (count, S, S, 3) and pcm (640 count,).

        Raises:
            SegmentError: a row cannot be read or decoded.
        """
        frames = np.empty((count, FRAME_SIZE, FRAME_SIZE, 3), np.uint8)
        pcm = self._read_into(path, row, frames)
        return frames, pcm

    def read_sound(self, path: Path, row: int, count: int) -> Pcm:
        """The audio of `count` rows of a shard, (640 count,), without its frames.

        Raises:
            SegmentError: it cannot be read.
        """
        rows = self._open_rows(path)
        if rows is not None:
            return rows.pcm(row, count)
        with self._lock:
            return self._open(path).pcm(row, count)

    def close(self) -> None:
        """Close every shard."""
        with self._lock:
            for kept in (self._shards, self._rows, self._mirrored):
                kept.clear()
            self._first_states.clear()

    def _read_into(self, path: Path, row: int, frames: UInt8Array) -> Pcm:
        """Decode as many rows as there are frames, and return their audio."""
        rows = self._open_rows(path)
        if rows is not None:
            rows.decode(rows.crops(row, len(frames)), row, frames)
            return rows.pcm(row, len(frames))
        # HDF5 allows one reader at a time; the decoding after the lock runs in parallel.
        with self._lock:
            shard = self._open(path)
            crops, pcm = shard.crops(row, len(frames)), shard.pcm(row, len(frames))
        shard.decode(crops, row, frames)
        return pcm

    def _open_rows(self, path: Path) -> StoredRows | None:
        """The rows of a shard for any number of threads; None where HDF5 has to read them."""
        with self._lock:
            for kept in (self._rows, self._mirrored):
                if path in kept:
                    return kept.get(path)
            rows = self._open(path).stored_rows()
            mirrored = read_mirror(path.parent) is not None
            (self._mirrored if mirrored else self._rows).put(path, rows)
            return rows

    def _open(self, path: Path) -> Shard:
        if path in self._shards:
            return self._shards.get(path)
        shard = Shard(path)
        if shard.frame_size != FRAME_SIZE:
            shard.close()
            raise ShardError(
                f"{path}: crops of {shard.frame_size} px, but training and scoring read "
                f"{FRAME_SIZE} px; run `avdf prep` again"
            )
        if self._was_replaced(shard):
            shard.close()
            raise ShardError(
                f"{path}: changed since it was first read here; run the command again"
            )
        self._shards.put(path, shard)
        return shard

    def _was_replaced(self, shard: Shard) -> bool:
        """Whether the shard is another one than when the pool first opened it.

        Its rows may still be open, and would be combined with the log-mel of the new one.
        """
        # A mirror removes shards and downloads them again.
        if shard.state is None or read_mirror(shard.path.parent) is not None:
            return False
        first = self._first_states.setdefault(shard.path, shard.state)
        # Some network file systems give a file another number each time it is opened.
        written = shard.state.size, shard.state.modified
        return written != (first.size, first.modified)
