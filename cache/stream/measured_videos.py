"""Measures of videos, in memory and in shards: the same ones, so that they can be compared."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.crop_measures import brightness, fine_detail, sharpness
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.sound_measures import bandwidth, loudness, noise_floor
from avdf.cache.core.stream_facts import StreamFacts
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.core.video_measures import VideoMeasures
from avdf.cache.shards.codec import decode_frame
from avdf.cache.shards.reader import Shard
from avdf.cache.stream.index import TrackRef, VideoRef, by_shard

_MOST_CROPS = (
    16  # of a video or a face: its sharpness hardly changes from frame to frame
)

Boxes = npt.NDArray[np.float32]


def face_measures(video: PreparedVideo) -> dict[int, VideoMeasures]:
    """Measures of each person of a video in memory, by number; of sound alone under number 0."""
    numbers = sorted({track.face for track in video.tracks})
    return {
        number: _measures_in_memory(
            video, [track for track in video.tracks if track.face == number]
        )
        for number in numbers
    }


def measures_in_shards(videos: Sequence[VideoRef]) -> list[VideoMeasures | None]:
    """Measures of each video, in its order; None for one that cannot be read."""
    found: list[VideoMeasures | None] = [None] * len(videos)
    for members in by_shard(videos):
        with Shard(videos[members[0]].shard) as shard:
            for index in members:
                # Scoring reports what cannot be read; here it only is not measured.
                with suppress(SegmentError):
                    found[index] = _measures_in_shard(shard, videos[index])
    return found


def _measures_in_memory(video: PreparedVideo, tracks: Sequence[Track]) -> VideoMeasures:
    def crop(track: int, row: int) -> UInt8Array:
        data = np.frombuffer(tracks[track].crops[row], np.uint8)
        return decode_frame(data, video.frame_codec, video.frame_size)

    heard = [track.pcm for track in tracks if track.has_audio]
    rows = [len(track) for track in tracks]
    boxes = [track.boxes for track in tracks if track.has_picture]
    measures = _measures(rows, boxes, crop, heard)
    return _with_streams(measures, video.streams)


def _measures_in_shard(shard: Shard, video: VideoRef) -> VideoMeasures:
    tracks: Sequence[TrackRef] = video.tracks

    def crop(track: int, row: int) -> UInt8Array:
        return np.asarray(shard.images(tracks[track].row + row, 1)[0])

    heard = [shard.pcm(one.row, one.rows) for one in tracks if one.has_audio]
    rows = [track.rows for track in tracks]
    boxes = [shard.boxes(one.row, one.rows) for one in tracks if one.has_picture]
    measures = _measures(rows, boxes, crop, heard)
    return _with_streams(measures, video.streams)


def _with_streams(measures: VideoMeasures, streams: StreamFacts) -> VideoMeasures:
    """The same with what the file states of the streams; nothing of one that is not used."""
    has_picture, has_sound = (
        measures.face_side is not None,
        measures.loudness is not None,
    )
    if has_picture:
        measures = replace(
            measures,
            frame_rate=streams.frame_rate or None,
            video_bit_rate=streams.video_bit_rate / 1000 or None,
            video_codec=streams.video_codec,
        )
    if has_sound:
        measures = replace(
            measures,
            audio_bit_rate=streams.audio_bit_rate / 1000 or None,
            audio_codec=streams.audio_codec,
        )
    return measures


def _measures(
    rows: Sequence[int],
    boxes: Sequence[Boxes],
    crop: Callable[[int, int], UInt8Array],
    heard: Sequence[Pcm],
) -> VideoMeasures:
    """The measures of tracks.

    Args:
        rows: of each track.
        boxes: (rows, 4) of each track; nothing where there is no picture.
        crop: the crop (S, S, 3) of a track, by its number, at a row.
        heard: the sound of the tracks that have any.
    """
    length = sum(rows) / FRAME_RATE
    sides: npt.NDArray[np.float64] | None = None
    sharp: list[float] = []
    fine: list[float] = []
    if boxes:
        corners = np.concatenate(boxes).astype(np.float64)
        sides = corners[:, 2] - corners[:, 0]
        for track, row in _chosen_rows(rows):
            bright = brightness(crop(track, row))
            sharp.append(sharpness(bright))
            fine.append(fine_detail(bright))
    pcm = np.concatenate(heard) if heard else None
    return VideoMeasures(
        length=length,
        face_side=None if sides is None else float(np.median(sides)),
        sharpness=float(np.median(sharp)) if sharp else None,
        fine_detail=float(np.median(fine)) if fine else None,
        loudness=None if pcm is None else loudness(pcm),
        noise_floor=None if pcm is None else noise_floor(pcm),
        bandwidth=None if pcm is None else bandwidth(pcm),
    )


def _chosen_rows(rows: Sequence[int]) -> list[tuple[int, int]]:
    """At most 16 rows, spread evenly over all tracks: the number of the track, and its row."""
    ends = np.cumsum(rows)
    every = int(ends[-1])
    evenly = np.linspace(0, every - 1, min(_MOST_CROPS, every)).round().astype(int)
    tracks = np.searchsorted(ends, evenly, side="right")
    own = evenly - (ends - np.array(rows))[tracks]
    return list(zip(tracks.tolist(), own.tolist(), strict=True))
