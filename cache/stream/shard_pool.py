"""A pool of open shards that several threads read from."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.arrays import LogMel, Pcm, UInt8Array
from avdf.cache.core.clock import FRAME_SIZE
from avdf.cache.core.errors import SegmentError, ShardError
from avdf.cache.shards.reader import Shard
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
    """Shards opened at their first use; the least recently used are closed. Safe for threads."""

    def __init__(self, most_open: int = _MOST_OPEN) -> None:
        self._most_open = most_open
        self._shards: OrderedDict[Path, Shard] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, window: Window, frames: UInt8Array) -> SegmentAudio:
        """Decode the frames of one window into `frames` (16, S, S, 3) and return its audio.

        Raises:
            SegmentError: the window cannot be read or decoded.
        """
        # HDF5 allows one reader at a time; the decoding after the lock runs in parallel.
        with self._lock:
            shard = self._open(window.shard)
            crops, pcm = shard.crops(window.row), shard.pcm(window.row)
            stored = window.segment != NOT_STORED
            log_mel = shard.log_mel(window.segment) if stored else None
        if log_mel is not None and not np.isfinite(log_mel).all():
            raise SegmentError(
                f"{window.shard}: log-mel of segment {window.segment} is not finite; "
                "rebuild the shard"
            )
        shard.decode(crops, window.row, frames)
        return SegmentAudio(pcm, log_mel)

    def read_rows(self, path: Path, row: int, count: int) -> tuple[UInt8Array, Pcm]:
        """`count` rows of a shard: frames (count, S, S, 3) and pcm (640 count,).

        Raises:
            SegmentError: a row cannot be read or decoded.
        """
        with self._lock:
            shard = self._open(path)
            crops, pcm = shard.crops(row, count), shard.pcm(row, count)
        return shard.decode(crops, row), pcm

    def close(self) -> None:
        """Close every shard."""
        with self._lock:
            while self._shards:
                _, shard = self._shards.popitem()
                shard.close()

    def _open(self, path: Path) -> Shard:
        shard = self._shards.pop(path, None) or Shard(path)
        if shard.frame_size != FRAME_SIZE:
            raise ShardError(
                f"{path}: crops of {shard.frame_size} px, but training and scoring read "
                f"{FRAME_SIZE} px; run `avdf prep` again"
            )
        # The end of the dictionary holds the shard that was used last.
        self._shards[path] = shard
        if len(self._shards) > self._most_open:
            _, oldest = self._shards.popitem(last=False)
            oldest.close()
        return shard
