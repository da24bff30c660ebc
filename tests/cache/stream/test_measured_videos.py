"""Measures of videos: the same in memory and in shards, and nothing of what is missing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avdf.cache.core.crop_measures import brightness, fine_detail, sharpness
from avdf.cache.core.stream_facts import StreamFacts
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.core.video_measures import VideoMeasures
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.cache.stream.index import index_folder
from avdf.cache.stream.measured_videos import face_measures, measures_in_shards
from tests.helpers.prepared import grey_track, grey_video, write_shard

SOUND = ("loudness", "noise_floor", "bandwidth", "audio_bit_rate")
PICTURE = ("face_side", "sharpness", "fine_detail", "frame_rate", "video_bit_rate")
STREAMS = StreamFacts("h264", "aac", 30000 / 1001, 912_345.0, 96_001.0)


def track(rows: int, side: float, seed: int, **known: Any) -> Track:
    """A track of noise, whose face is so many pixels wide."""
    generator = np.random.default_rng(seed)
    codec = FrameCodec()
    pixels = [generator.integers(0, 256, (14, 14, 3), np.uint8) for _ in range(rows)]
    crops = tuple(
        codec.encode(np.kron(one, np.ones((16, 16, 1), np.uint8))) for one in pixels
    )
    pcm = generator.integers(-2000, 2000, rows * 640).astype(np.int16)
    boxes = np.tile(np.array([10, 20, 10 + side, 20 + side], np.float32), (rows, 1))
    made = grey_track(rows, pcm=pcm, **known)
    return replace(made, crops=crops, boxes=boxes)


@pytest.fixture(scope="module")
def two_tracks() -> PreparedVideo:
    video = grey_video("two", [track(16, 50, 1), track(20, 70, 2, start=2.0)])
    return replace(video, streams=STREAMS)


def of_sound() -> PreparedVideo:
    pcm = track(16, 1, 3).pcm
    return grey_video("sound", [Track.of_sound(pcm, np.zeros((1, 80, 64), np.float16))])


def test_a_video_measures_the_same_in_memory_and_in_a_shard(
    two_tracks: PreparedVideo, tmp_path: Path
) -> None:
    silent = grey_video("silent", [track(16, 40, 4, has_audio=False)])
    videos = [two_tracks, silent, of_sound()]
    write_shard(tmp_path, *videos)
    stored = {ref.info.id: ref for ref in index_folder(tmp_path).videos}
    found = measures_in_shards([stored[video.info.id] for video in videos])
    assert found == [next(iter(face_measures(video).values())) for video in videos]


def test_what_is_missing_has_no_measures(two_tracks: PreparedVideo) -> None:
    muted = grey_video("a", [track(16, 40, 4, has_audio=False)])
    silent = face_measures(replace(muted, streams=STREAMS))[1]
    sound = face_measures(replace(of_sound(), streams=STREAMS))[0]
    assert silent.codecs == {"video_codec": "h264"}
    assert sound.codecs == {"audio_codec": "aac"}
    assert {silent.numbers[name] for name in SOUND} == {None}
    assert {sound.numbers[name] for name in PICTURE} == {None}
    assert None not in face_measures(two_tracks)[1].numbers.values()


def test_measures_are_medians_over_crops_of_all_tracks(
    two_tracks: PreparedVideo,
) -> None:
    found = face_measures(two_tracks)[1]
    assert found.length == 36 / 25
    assert found.face_side == 70  # of 20 rows, and 50 of 16
    rows = [crop for one in two_tracks.tracks for crop in one.crops]
    # 16 of 36 rows, evenly from the first to the last.
    chosen = [rows[round(number * 35 / 15)] for number in range(16)]
    bright = [
        brightness(decode_frame(np.frombuffer(crop, np.uint8), "jpeg", 224))
        for crop in chosen
    ]
    assert found.sharpness == pytest.approx(
        np.median([sharpness(one) for one in bright])
    )
    fine = np.median([fine_detail(one) for one in bright])
    assert found.fine_detail == pytest.approx(fine)


def test_each_person_is_measured_alone() -> None:
    video = grey_video("pair", [track(16, 50, 1), track(16, 90, 2, face=2)])
    found = face_measures(video)
    assert {number: one.face_side for number, one in found.items()} == {1: 50, 2: 90}


def test_a_measure_is_a_finite_number() -> None:
    with pytest.raises(ValueError, match="face_side"):
        VideoMeasures(1.0, face_side=float("nan"))
