"""Batches of segments, read from shards by threads before they are needed."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np
import torch

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.clock import (
    FRAME_SIZE,
    MEL_BINS,
    SEGMENT_FRAMES,
    SEGMENT_MELS,
    SEGMENT_SAMPLES,
)
from avdf.cache.core.errors import SegmentError
from avdf.cache.machine.cores import threads_per_process
from avdf.cache.stream.batch_memory import largest_batch
from avdf.cache.stream.shard_pool import SegmentAudio, ShardPool
from avdf.cache.stream.windows import Window, in_batches

# Called when a window cannot be read, with the window, the number of the attempt from 1 on, and
# the error. It returns the window to read instead; None leaves the window out of its batch.
OnDamage = Callable[[Window, int, SegmentError], Window | None]

# Called in the thread that has read a window, with the pool, the window, its frames (16, S, S, 3)
# and its audio. It may change the frames in place and read more from the pool; it returns the audio
# to use. Only the window may decide what it does: then every run reads the same batches.
OnRead = Callable[[ShardPool, Window, UInt8Array, SegmentAudio], SegmentAudio]


@dataclass(frozen=True)
class SegmentBatch:
    """Segments as shards store them, on the CPU.

    frames   (B, 16, S, S, 3) uint8 RGB
    pcm      (B, 10240) int16
    log_mel  (B, 80, 64) float16 if every window is a stored segment, else None
    windows  the B windows, in order
    """

    frames: torch.Tensor
    pcm: torch.Tensor
    log_mel: torch.Tensor | None
    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        size = len(self.windows)
        shape, kind = tuple(self.frames.shape), self.frames.dtype
        if shape[:2] != (size, SEGMENT_FRAMES) or kind != torch.uint8:
            raise ValueError(f"frames are {shape} {kind} for {size} windows")
        if self.pcm.shape != (size, SEGMENT_SAMPLES):
            raise ValueError(
                f"pcm is {tuple(self.pcm.shape)}, expected ({size}, {SEGMENT_SAMPLES})"
            )
        expected = (size, MEL_BINS, SEGMENT_MELS)
        if self.log_mel is not None and self.log_mel.shape != expected:
            raise ValueError(
                f"log_mel is {tuple(self.log_mel.shape)}, expected {expected}"
            )


def stream_batches(
    pool: ShardPool,
    batches: Iterable[Sequence[Window]],
    threads: int = 0,
    ahead: int = 2,
    pinned: bool = False,
    on_damage: OnDamage | None = None,
    on_read: OnRead | None = None,
) -> Iterator[SegmentBatch]:
    """Read batches in order, `ahead` of them in advance. Memory: `ahead` + 1 batches.

    Args:
        threads: how many threads read and decode; 0: one for each core of this process.
        pinned: whether frames are in page-locked memory, so that the copy to a GPU overlaps with
            its computations.
        on_damage: chooses the window to read in place of a damaged one; without it, the error goes
            to the caller. A batch that loses all of its windows is left out.
        on_read: changes what was read of a window; without it, it stays as the shard has it.

    Raises:
        SegmentError: a window is damaged, and there is no `on_damage`.
        ShardError: a shard cannot be opened.
    """
    with ThreadPoolExecutor(
        threads or threads_per_process(), thread_name_prefix="segments"
    ) as executor:
        started: deque[_PendingBatch] = deque()
        try:
            for windows in batches:
                started.append(
                    _PendingBatch(
                        partial(_read, pool, on_read),
                        executor,
                        windows,
                        pinned,
                        on_damage,
                    )
                )
                if len(started) > ahead:
                    yield from started.popleft().finish()
            while started:
                yield from started.popleft().finish()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def read_in_batches(
    windows: Sequence[Window],
    batch_size: int,
    threads: int,
    ahead: int,
    on_damage: OnDamage | None = None,
) -> Iterator[SegmentBatch]:
    """Read windows once, in their order, from shards that are opened for this alone.

    Args:
        batch_size: how many windows a batch has; fewer if that is too many for the memory.
        threads, ahead, on_damage: see `stream_batches`.

    Raises:
        SegmentError, ShardError: as for `stream_batches`.
    """
    size = min(batch_size, largest_batch(ahead))
    batches = in_batches(windows, size)
    with closing(ShardPool()) as pool:
        yield from stream_batches(pool, batches, threads, ahead, on_damage=on_damage)


def _read(
    pool: ShardPool, on_read: OnRead | None, window: Window, frames: UInt8Array
) -> SegmentAudio:
    """Read a window into `frames`, and change what was read."""
    audio = pool.read(window, frames)
    return audio if on_read is None else on_read(pool, window, frames, audio)


class _PendingBatch:
    """A batch that threads are reading; each decodes frames directly into the batch's tensor."""

    def __init__(
        self,
        read: Callable[[Window, UInt8Array], SegmentAudio],
        executor: ThreadPoolExecutor,
        windows: Sequence[Window],
        pinned: bool,
        on_damage: OnDamage | None,
    ) -> None:
        self._read = read
        self._windows = list(windows)
        self._on_damage = on_damage
        shape = (len(windows), SEGMENT_FRAMES, FRAME_SIZE, FRAME_SIZE, 3)
        if pinned:
            self._frames = torch.empty(shape, dtype=torch.uint8, pin_memory=True)
        else:
            # numpy asks the system for large pages, which it fills six times as fast as the small
            # ones that torch gets.
            self._frames = torch.from_numpy(np.empty(shape, np.uint8))
        slots = self._frames.numpy()
        self._audio: list[Future[SegmentAudio]] = [
            executor.submit(read, window, slots[index])
            for index, window in enumerate(windows)
        ]

    def finish(self) -> Iterator[SegmentBatch]:
        """Wait for the batch and yield it; yield nothing if all of its windows were left out."""
        results = [self._result(index) for index in range(len(self._windows))]
        kept = [index for index, result in enumerate(results) if result is not None]
        audio = [result for result in results if result is not None]
        if not kept:
            return
        pcm = np.stack([one.pcm for one in audio])
        log_mels = [one.log_mel for one in audio if one.log_mel is not None]
        all_stored = len(log_mels) == len(audio)
        # Selecting rows copies the frames, so a complete batch is passed on as it is.
        complete = len(kept) == len(results)
        yield SegmentBatch(
            frames=self._frames if complete else self._frames[kept],
            pcm=torch.from_numpy(pcm),
            log_mel=torch.from_numpy(np.stack(log_mels)) if all_stored else None,
            windows=tuple(self._windows[index] for index in kept),
        )

    def _result(self, index: int) -> SegmentAudio | None:
        """The audio of a window, or of its replacement; None if the window is left out."""
        damaged = self._windows[index]
        try:
            return self._audio[index].result()
        except SegmentError as first_error:
            if self._on_damage is None:
                raise
            error = first_error
        for attempt in count(1):
            replacement = self._on_damage(damaged, attempt, error)
            if replacement is None:
                return None
            try:
                audio = self._read(replacement, self._frames.numpy()[index])
            except SegmentError as next_error:
                error = next_error
            else:
                self._windows[index] = replacement
                return audio
        raise AssertionError("count() does not end")
