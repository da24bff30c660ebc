"""Clips: the tracks of videos in order, in parts of bounded length.

Timelines and perturbations need whole tracks, and files that are scored alone have no shard.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import (
    FRAME_RATE,
    FRAME_SIZE,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
)
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.machine.cores import threads_per_process
from avdf.cache.shards.codec import decode_frame
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.shard_pool import ShardPool

MOST_ROWS = 512  # of a clip: 77 MB of frames; a whole number of segments
_BLOCK_ROWS = 64  # that one thread reads at a time

OnDamagedVideo = Callable[[int, SegmentError], None]  # (number of the video, why)


@dataclass(frozen=True)
class TrackClip:
    """A part of one track.

    video   the number by which the caller knows its video
    start   seconds of the file's own time at its first row
    frames  (n, S, S, 3) uint8 RGB
    pcm     (640 n,) int16
    last    whether the track ends with it
    has_picture  False for sound alone: its frames are black
    """

    video: int
    start: float
    frames: UInt8Array
    pcm: Pcm
    last: bool = True
    has_picture: bool = True

    def __post_init__(self) -> None:
        if (
            self.frames.ndim != 4
            or len(self.pcm) != len(self.frames) * SAMPLES_PER_FRAME
        ):
            raise ValueError(
                f"a clip of frames {self.frames.shape} with {len(self.pcm)} samples"
            )


def shard_clips(
    videos: Sequence[VideoRef],
    skip: Sequence[int] = (),
    threads: int = 0,
    on_damage: OnDamagedVideo | None = None,
) -> Iterator[TrackClip]:
    """The tracks of videos in shards; one clip is read ahead of the one that is asked for.

    Args:
        skip: rows to leave out at the start of each video, unless its first track would then have
            no segment left.
        threads: how many threads read and decode; 0: one for each core of this process.
        on_damage: called for a video that cannot be read to its end, whose further clips are left
            out; a track that has begun then ends with a clip without rows. Without it, the error
            goes to the caller.

    Raises:
        SegmentError: a video is damaged, and there is no `on_damage`.
    """
    pool = ShardPool()
    readers = ThreadPoolExecutor(threads or threads_per_process())
    ahead = ThreadPoolExecutor(1)
    with readers, ahead:
        try:
            started = (
                (place, ahead.submit(_read_clip, pool, readers, place))
                for place in _clip_places(videos, skip)
            )
            yield from _finish(_one_ahead(started), on_damage)
        finally:
            ahead.shutdown(wait=True, cancel_futures=True)
            pool.close()


def prepared_clips(video: PreparedVideo, number: int = 0) -> Iterator[TrackClip]:
    """The tracks of a video in memory.

    Args:
        number: by which the caller knows the video.
    """
    for track in video.tracks:
        for first in range(0, len(track), MOST_ROWS):
            stop = min(first + MOST_ROWS, len(track))
            pcm = track.pcm[first * SAMPLES_PER_FRAME : stop * SAMPLES_PER_FRAME]
            yield TrackClip(
                video=number,
                start=video.offset + track.start + first / FRAME_RATE,
                frames=_images(video, track, first, stop),
                pcm=pcm,
                last=stop == len(track),
                has_picture=track.has_picture,
            )


def _images(video: PreparedVideo, track: Track, first: int, stop: int) -> UInt8Array:
    """(stop - first, S, S, 3) RGB of rows of a track; black where it has no picture."""
    if not track.has_picture:
        return black_frames(stop - first, video.frame_size)
    decoded = [
        decode_frame(np.frombuffer(crop, np.uint8), video.frame_codec, video.frame_size)
        for crop in track.crops[first:stop]
    ]
    return np.stack(decoded)


def black_frames(count: int, size: int = FRAME_SIZE) -> UInt8Array:
    """(count, size, size, 3) black frames, which take no memory and cannot be written to."""
    return np.broadcast_to(np.zeros((), np.uint8), (count, size, size, 3))


@dataclass(frozen=True)
class _ClipPlace:
    """Where a clip is in its shard: `rows` rows from `row` on. The other fields are the clip's."""

    video: int
    shard: Path
    row: int
    rows: int
    start: float
    last: bool
    has_picture: bool


_Reading = tuple[_ClipPlace, Future[TrackClip]]


def _clip_places(
    videos: Sequence[VideoRef], skip: Sequence[int]
) -> Iterator[_ClipPlace]:
    for number, video in enumerate(videos):
        for which, track in enumerate(video.tracks):
            left_out = skip[number] if skip and which == 0 and track.start == 0 else 0
            if track.rows - left_out < SEGMENT_FRAMES:
                left_out = 0
            for first in range(left_out, track.rows, MOST_ROWS):
                stop = min(first + MOST_ROWS, track.rows)
                yield _ClipPlace(
                    video=number,
                    shard=video.shard,
                    row=track.row + first,
                    rows=stop - first,
                    start=video.offset + track.start + first / FRAME_RATE,
                    last=stop == track.rows,
                    has_picture=track.has_picture,
                )


def _read_clip(
    pool: ShardPool, readers: ThreadPoolExecutor, place: _ClipPlace
) -> TrackClip:
    """Read a clip in blocks, which several threads decode at the same time."""
    blocks = []
    for first in range(0, place.rows, _BLOCK_ROWS):
        count = min(_BLOCK_ROWS, place.rows - first)
        blocks.append(
            readers.submit(pool.read_rows, place.shard, place.row + first, count)
        )
    frames, pcm = zip(*(block.result() for block in blocks), strict=True)
    return TrackClip(
        place.video,
        place.start,
        np.concatenate(frames),
        np.concatenate(pcm),
        place.last,
        place.has_picture,
    )


def _one_ahead(started: Iterator[_Reading]) -> Iterator[_Reading]:
    """Start to read the next clip before the current one is waited for."""
    current = next(started, None)
    while current is not None:
        following = next(started, None)
        yield current
        current = following


def _finish(
    readings: Iterable[_Reading], on_damage: OnDamagedVideo | None
) -> Iterator[TrackClip]:
    """Wait for each clip; leave out what follows in a damaged video."""
    damaged = -1  # the last video that could not be read
    track_has_begun = False
    for place, future in readings:
        if place.video == damaged:
            continue
        try:
            clip = future.result()
        except SegmentError as error:
            if on_damage is None:
                raise
            on_damage(place.video, error)
            damaged = place.video
            if track_has_begun:
                yield _empty_end(place)
            track_has_begun = False
        else:
            track_has_begun = not clip.last
            yield clip


def _empty_end(place: _ClipPlace) -> TrackClip:
    """A clip without rows that ends a track."""
    no_frames = np.empty((0, FRAME_SIZE, FRAME_SIZE, 3), np.uint8)
    return TrackClip(place.video, place.start, no_frames, np.empty(0, np.int16))
