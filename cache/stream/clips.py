"""Whole tracks in order, as clips of bounded length: for timelines, perturbations, and files that have no shard."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE, FRAME_SIZE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.video import PreparedVideo
from avdf.cache.machine.cores import threads_per_process
from avdf.cache.shards.codec import decode_frame
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.shard_pool import ShardPool

MOST_ROWS = 512  # of a clip: 77 MB of frames; a whole number of segments
_BLOCK = 64  # rows that one thread reads at a time


@dataclass(frozen=True)
class TrackClip:
    """A stretch of one track.

    video   the caller's number
    start   seconds of the first row, in the file's own time
    frames  (n, S, S, 3) uint8 RGB
    pcm     (640 n,) int16
    last    whether the track ends with it
    """

    video: int
    start: float
    frames: npt.NDArray[np.uint8]
    pcm: npt.NDArray[np.int16]
    last: bool = True

    def __post_init__(self) -> None:
        if self.frames.ndim != 4 or len(self.pcm) != len(self.frames) * SAMPLES_PER_FRAME:
            raise ValueError(f"a clip of frames {self.frames.shape} with {len(self.pcm)} samples")


@dataclass(frozen=True)
class _Stretch:
    video: int
    shard: Path
    row: int
    rows: int
    start: float
    last: bool


_Reading = tuple[_Stretch, Future[TrackClip]]


def shard_clips(
    videos: Sequence[VideoRef],
    skip: Sequence[int] = (),
    threads: int = 0,
    on_damage: Callable[[int, SegmentError], None] | None = None,
) -> Iterator[TrackClip]:
    """The tracks of videos in shards, one clip read ahead of what is asked for.

    Args:
        skip: rows of each video's start that are left out, where a segment then remains in its first track.
        on_damage: told of a video that cannot be read to its end, whose further clips are left out; a track that has
            begun then ends with a clip of no rows. Without, the error goes to the caller.
    """
    pool = ShardPool()
    with (
        ThreadPoolExecutor(threads or threads_per_process()) as readers,
        ThreadPoolExecutor(1) as ahead,
    ):
        try:
            reading = (
                (stretch, ahead.submit(_read, pool, readers, stretch))
                for stretch in _stretches(videos, skip)
            )
            yield from _whole_tracks(_one_ahead(reading), on_damage)
        finally:
            ahead.shutdown(wait=True, cancel_futures=True)
            pool.close()


def _one_ahead(reading: Iterator[_Reading]) -> Iterator[_Reading]:
    """Begin the next before the one before it is waited for."""
    waiting = next(reading, None)
    while waiting is not None:
        following = next(reading, None)
        yield waiting
        waiting = following


def _whole_tracks(
    reading: Iterator[_Reading], on_damage: Callable[[int, SegmentError], None] | None
) -> Iterator[TrackClip]:
    damaged, begun = -1, False  # the last video that could not be read; whether a track is at work
    for stretch, future in reading:
        if stretch.video == damaged:
            continue
        try:
            clip = future.result()
        except SegmentError as error:
            if on_damage is None:
                raise
            on_damage(stretch.video, error)
            damaged = stretch.video
            if begun:
                nothing = np.empty((0, FRAME_SIZE, FRAME_SIZE, 3), np.uint8)
                yield TrackClip(stretch.video, stretch.start, nothing, np.empty(0, np.int16))
            begun = False
        else:
            begun = not clip.last
            yield clip


def _stretches(videos: Sequence[VideoRef], skip: Sequence[int]) -> Iterator[_Stretch]:
    for number, video in enumerate(videos):
        for which, track in enumerate(video.tracks):
            left = skip[number] if skip and which == 0 and track.start == 0 else 0
            left = left if track.rows - left >= SEGMENT_FRAMES else 0
            for at in range(left, track.rows, MOST_ROWS):
                rows = min(MOST_ROWS, track.rows - at)
                start = video.offset + track.start + at / FRAME_RATE
                yield _Stretch(
                    number, video.shard, track.row + at, rows, start, at + rows == track.rows
                )


def _read(pool: ShardPool, readers: ThreadPoolExecutor, stretch: _Stretch) -> TrackClip:
    blocks = [
        readers.submit(
            pool.read_rows, stretch.shard, stretch.row + at, min(_BLOCK, stretch.rows - at)
        )
        for at in range(0, stretch.rows, _BLOCK)
    ]
    frames, sounds = zip(*(block.result() for block in blocks), strict=True)
    return TrackClip(
        stretch.video, stretch.start, np.concatenate(frames), np.concatenate(sounds), stretch.last
    )


def prepared_clips(video: PreparedVideo, number: int = 0) -> Iterator[TrackClip]:
    """The tracks of a video in memory."""
    for track in video.tracks:
        for at in range(0, len(track), MOST_ROWS):
            rows = slice(at, min(at + MOST_ROWS, len(track)))
            images = [
                decode_frame(np.frombuffer(crop, np.uint8), video.frame_codec, video.frame_size)
                for crop in track.crops[rows]
            ]
            pcm = track.pcm[rows.start * SAMPLES_PER_FRAME : rows.stop * SAMPLES_PER_FRAME]
            start = video.offset + track.start + at / FRAME_RATE
            yield TrackClip(number, start, np.stack(images), pcm, rows.stop == len(track))
