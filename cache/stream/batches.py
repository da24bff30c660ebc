"""Segments from shards: which videos there are, and batches of them read ahead by threads."""

import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from pydantic import TypeAdapter

from avdf.cache.core.clock import (
    FRAME_RATE,
    FRAME_SIZE,
    MEL_BINS,
    SEGMENT_FRAMES,
    SEGMENT_MELS,
    SEGMENT_SAMPLES,
)
from avdf.cache.core.errors import SegmentError, SettingsError, ShardError
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.atomic_file import write_text
from avdf.cache.machine.cores import threads_each
from avdf.cache.shards.completeness import folder_faults
from avdf.cache.shards.inputs_table import VIDEOS_FILE, Unprepared, list_unprepared
from avdf.cache.shards.mirror import index_file, opened_there, read_mirror
from avdf.cache.shards.reader import Shard, only_once, shard_paths

_OPEN_SHARDS = 64

Sound = tuple[
    npt.NDArray[np.int16], npt.NDArray[np.float16] | None
]  # (10240,), (80, 64) of a scoring segment


@dataclass(frozen=True)
class TrackRef:
    """A track in its shard: first row, rows, seconds from time 0 to its start; whether it has sound to judge."""

    row: int
    rows: int
    start: float
    sound: bool = True


@dataclass(frozen=True)
class VideoRef:
    """A video and where its tracks and scoring segments are.

    `offset`: seconds of the file's own time at which time 0 of the tracks lies.
    """

    info: VideoInfo
    shard: Path
    tracks: tuple[TrackRef, ...]
    segments: tuple[tuple[int, int, float], ...]  # (segment, first row, start in seconds)
    offset: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether any track has sound to judge."""
        return any(track.sound for track in self.tracks)

    def second(self, row: int) -> float:
        """Where a row of the shard is in the file, in seconds of the file's own time."""
        track = next(track for track in self.tracks if track.row <= row < track.row + track.rows)
        return self.offset + track.start + (row - track.row) / FRAME_RATE


@dataclass(frozen=True)
class Window:
    """One segment to read: of which video (a number of the caller's own), its first row, its scoring segment or -1."""

    video: int
    shard: Path
    row: int
    segment: int = -1


# Asked when a window cannot be read: (the window, number of the try from 1 on, why) -> what is read in its place; None
# leaves it out of its batch.
OnDamage = Callable[[Window, int, SegmentError], Window | None]


@dataclass(frozen=True)
class SegmentBatch:
    """Segments as they are stored, still on the CPU.

    frames   (B, 16, S, S, 3) uint8 RGB
    pcm      (B, 10240) int16
    log_mel  (B, 80, 64) float16 of scoring segments, else None
    windows  B windows, in order
    """

    frames: torch.Tensor
    pcm: torch.Tensor
    log_mel: torch.Tensor | None
    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        size = len(self.windows)
        if self.frames.shape[:2] != (size, SEGMENT_FRAMES) or self.frames.dtype != torch.uint8:
            raise ValueError(
                f"frames are {tuple(self.frames.shape)} {self.frames.dtype} for {size} windows"
            )
        if self.pcm.shape != (size, SEGMENT_SAMPLES):
            raise ValueError(
                f"pcm is {tuple(self.pcm.shape)}, expected ({size}, {SEGMENT_SAMPLES})"
            )
        if self.log_mel is not None and self.log_mel.shape != (size, MEL_BINS, SEGMENT_MELS):
            raise ValueError(
                f"log_mel is {tuple(self.log_mel.shape)}, expected ({size}, {MEL_BINS}, {SEGMENT_MELS})"
            )


@dataclass(frozen=True)
class Listed:
    """All that a folder of shards was given: the videos in it, and those that could not be prepared."""

    videos: tuple[VideoRef, ...]
    unprepared: tuple[Unprepared, ...]

    @property
    def infos(self) -> list[VideoInfo]:
        """What is known of each, prepared or not: what a protocol goes by."""
        return [*(video.info for video in self.videos), *(item.info for item in self.unprepared)]


def list_everything(folder: Path) -> Listed:
    """Prepared or not.

    Raises:
        ShardError: as `list_shard_videos` and `list_unprepared`; a video is said to be both; or the folder holds other
            shards than its table and plan say.
    """
    listed = Listed(list_shard_videos(folder), list_unprepared(folder))
    prepared = {video.info.id for video in listed.videos}
    if both := next((item.info.id for item in listed.unprepared if item.info.id in prepared), None):
        raise ShardError(
            f"{folder}: {VIDEOS_FILE} says that {both!r} failed, but a shard holds it; run the same `avdf prep` again"
        )
    held = {video.info.id: (video.info, video.shard.name) for video in listed.videos}
    if faults := folder_faults(folder, held):
        raise ShardError(f"{folder}: {faults[0]}")
    return listed


def list_shard_videos(folder: Path) -> tuple[VideoRef, ...]:
    """Every video of a folder of shards, in order.

    Raises:
        ShardError: no shards, one that cannot be read, or a video that is in two of them.
    """
    videos: list[VideoRef] = []
    places: dict[str, Path] = {}
    for path in shard_paths(folder):
        found = _shard_videos(path)
        only_once(places, path, [video.info.id for video in found])
        videos += found
    return tuple(videos)


def _shard_videos(path: Path) -> list[VideoRef]:
    if path.is_file() or read_mirror(path.parent) is None:
        with Shard(path) as shard:
            return _videos_of(shard)
    index = index_file(path)
    if index.is_file():
        with suppress(ValueError):  # an index that was damaged is made again
            return TypeAdapter(list[VideoRef]).validate_json(index.read_bytes())
    with opened_there(path) as file, Shard(path, file) as shard:
        videos = _videos_of(shard)
    write_text(index, TypeAdapter(list[VideoRef]).dump_json(videos).decode())
    return videos


def _videos_of(shard: Shard) -> list[VideoRef]:
    tracks: list[list[TrackRef]] = [[] for _ in shard.videos]
    segments: list[list[tuple[int, int, float]]] = [[] for _ in shard.videos]
    columns = [
        shard.column(f"tracks/{name}").tolist()
        for name in ("video", "frame", "frames", "start", "sound")
    ]
    by_number = [
        (video, TrackRef(row, rows, start, bool(sound)))
        for video, row, rows, start, sound in zip(*columns, strict=True)
    ]
    for video, track in by_number:
        tracks[video].append(track)
    of_track, rows = (shard.column(f"segments/{name}").tolist() for name in ("track", "frame"))
    for segment, (number, row) in enumerate(zip(of_track, rows, strict=True)):
        video, track = by_number[number]
        segments[video].append((segment, row, track.start + (row - track.row) / FRAME_RATE))
    offset = shard.column("videos/offset").tolist()
    return [
        VideoRef(info, shard.path, tuple(tracks[index]), tuple(segments[index]), offset[index])
        for index, info in enumerate(shard.videos)
    ]


def scoring_windows(
    videos: Sequence[VideoRef], most: int = 0, skip: Sequence[int] = ()
) -> list[Window]:
    """The non-overlapping segments of each video; at most `most` of each, spread evenly (0: all).

    `skip`: rows of each video's start that are left out, where a segment then remains in its first track; windows
    that are not where the stored segments are have no stored log-mel.
    """
    windows = []
    for index, video in enumerate(videos):
        places = _places(video, skip[index] if skip else 0)
        chosen: Iterable[int] = range(len(places))
        if most and len(places) > most:
            chosen = np.unique(np.linspace(0, len(places) - 1, most).round().astype(int)).tolist()
        windows += [Window(index, video.shard, *places[which]) for which in chosen]
    return windows


def _places(video: VideoRef, skip: int) -> list[tuple[int, int]]:
    """(first row, stored segment or -1) of each segment."""
    stored = [(row, segment) for segment, row, _ in video.segments]
    first = video.tracks[0]
    if not skip or first.start > 0 or first.rows - skip < SEGMENT_FRAMES:
        return stored
    end = first.row + first.rows
    own = [(row, -1) for row in range(first.row + skip, end - SEGMENT_FRAMES + 1, SEGMENT_FRAMES)]
    return own + [place for place in stored if not first.row <= place[0] < end]


def in_batches(windows: Sequence[Window], size: int) -> list[Sequence[Window]]:
    """Consecutive batches of at most `size`."""
    return [windows[at : at + size] for at in range(0, len(windows), size)]


class ShardPool:
    """Shards opened when first read, the least recently used closed; safe to share between threads."""

    def __init__(self, most: int = _OPEN_SHARDS) -> None:
        self._most = most
        self._open: OrderedDict[Path, Shard] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, window: Window, frames: npt.NDArray[np.uint8]) -> Sound:
        """One segment: its frames into `frames` (16, S, S, 3), its sound given back."""
        with self._lock:  # HDF5 reads one at a time anyway; decoding below runs beside it
            shard = self._shard(window.shard)
            crops, pcm = shard.crops(window.row), shard.pcm(window.row)
            log_mel = shard.log_mel(window.segment) if window.segment >= 0 else None
        if log_mel is not None and not np.isfinite(log_mel).all():
            raise SegmentError(
                f"{window.shard}: log-mel of segment {window.segment} is not finite; rebuild the shard"
            )
        shard.decode(crops, window.row, frames)
        return pcm, log_mel

    def read_rows(
        self, path: Path, row: int, count: int
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int16]]:
        """`count` rows of a shard: frames (count, S, S, 3) and pcm (640 count,)."""
        with self._lock:
            shard = self._shard(path)
            crops, pcm = shard.crops(row, count), shard.pcm(row, count)
        return shard.decode(crops, row), pcm

    def close(self) -> None:
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _shard(self, path: Path) -> Shard:
        shard = self._open.pop(path, None) or Shard(path)
        if shard.frame_size != FRAME_SIZE:
            raise ShardError(
                f"{path}: crops of {shard.frame_size} px, the stream reads {FRAME_SIZE} px; prepare it again"
            )
        self._open[path] = shard
        if len(self._open) > self._most:
            self._open.popitem(last=False)[1].close()
        return shard


def most_segments(ahead: int) -> int:
    """The largest batch for which this machine has memory, beside as large ones that are read `ahead`."""
    segment = SEGMENT_FRAMES * FRAME_SIZE * FRAME_SIZE * 3
    return max(1, _memory() // (segment * (ahead + 1)))


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_room(batch_size: int, ahead: int) -> None:
    """Refuse batches that this machine's memory cannot hold: the one at work, and those that are read ahead.

    Raises:
        SettingsError: they are too large.
    """
    wanted = batch_size * (ahead + 1) * SEGMENT_FRAMES * FRAME_SIZE * FRAME_SIZE * 3
    there = _memory()
    if batch_size > most_segments(ahead):
        raise SettingsError(
            f"data.batch_size of {batch_size} with data.ahead of {ahead} takes {wanted / 1e9:.0f} GB, this machine "
            f"has {there / 1e9:.0f} GB; make one of them smaller"
        )


def stream_batches(
    pool: ShardPool,
    batches: Iterable[Sequence[Window]],
    threads: int = 0,
    ahead: int = 2,
    pinned: bool = False,
    on_damage: OnDamage | None = None,
) -> Iterator[SegmentBatch]:
    """Read batches in their order, `ahead` of them before they are asked for. Memory: `ahead` + 1 batches.

    Args:
        threads: that read and decode; 0: one for each core that this process may use.
        pinned: frames in page-locked memory, from which a copy to a GPU runs beside the computation.
        on_damage: what is read in place of a damaged window; without, the error goes to the caller. A batch of which
            nothing is left is left out.
    """
    with ThreadPoolExecutor(
        max_workers=threads or threads_each(), thread_name_prefix="segments"
    ) as executor:
        waiting: deque[_Reading] = deque()
        try:
            for windows in batches:
                waiting.append(_Reading(pool, executor, windows, pinned, on_damage))
                if len(waiting) > ahead:
                    yield from waiting.popleft().batches()
            while waiting:
                yield from waiting.popleft().batches()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


class _Reading:
    """A batch that is being read: threads decode each segment straight into its place."""

    def __init__(
        self,
        pool: ShardPool,
        executor: ThreadPoolExecutor,
        windows: Sequence[Window],
        pinned: bool,
        on_damage: OnDamage | None,
    ) -> None:
        self.pool, self.windows, self.on_damage = pool, list(windows), on_damage
        self.frames = torch.empty(
            (len(windows), SEGMENT_FRAMES, FRAME_SIZE, FRAME_SIZE, 3),
            dtype=torch.uint8,
            pin_memory=pinned,
        )
        places = self.frames.numpy()
        self.sounds: list[Future[Sound]] = [
            executor.submit(pool.read, window, places[index])
            for index, window in enumerate(windows)
        ]

    def batches(self) -> Iterator[SegmentBatch]:
        """The batch; nothing where all of its windows were left out."""
        read = [self._sound(index) for index in range(len(self.windows))]
        kept = [index for index, sound in enumerate(read) if sound is not None]
        if not kept:
            return
        sounds = [sound for sound in read if sound is not None]
        log_mels = [log_mel for _, log_mel in sounds if log_mel is not None]
        yield SegmentBatch(
            frames=self.frames if len(kept) == len(read) else self.frames[kept],
            pcm=torch.from_numpy(np.stack([pcm for pcm, _ in sounds])),
            log_mel=torch.from_numpy(np.stack(log_mels)) if len(log_mels) == len(sounds) else None,
            windows=tuple(self.windows[index] for index in kept),
        )

    def _sound(self, index: int) -> Sound | None:
        """The sound of a window, or of the one that took its place; None where it is left out."""
        wanted = self.windows[index]
        try:
            return self.sounds[index].result()
        except SegmentError as first:
            if self.on_damage is None:
                raise
            error = first
        for attempt in count(1):
            window = self.on_damage(wanted, attempt, error)
            if window is None:
                return None
            try:
                sound = self.pool.read(window, self.frames.numpy()[index])
            except SegmentError as again:
                error = again
            else:
                self.windows[index] = window
                return sound
        raise AssertionError("count() does not end")
