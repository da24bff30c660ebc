"""Leading silence: how it is measured, and a video without it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.silence import (
    leading_silence,
    silence_in_shards,
    silence_of,
    silent_rows,
    without_silence,
)
from tests.helpers.prepared import grey_track, grey_video, write_shard


def pcm_with_silence(rows: int, silent: int) -> npt.NDArray[np.int16]:
    """Noise after so many silent samples."""
    generator = np.random.default_rng(0)
    pcm = generator.integers(1000, 9000, rows * 640).astype(np.int16)
    pcm[:silent] = 0
    return pcm


def test_samples_up_to_60_db_below_full_scale_are_silent() -> None:
    assert leading_silence(np.array([0, 33, -33, 34], np.int16)) == 3


def test_the_most_negative_sample_is_loud() -> None:
    assert leading_silence(np.array([0, -32768], np.int16)) == 1


def test_audio_that_is_never_loud_is_silent_to_its_end() -> None:
    assert leading_silence(np.zeros(100, np.int16)) == 100


@pytest.mark.parametrize(
    ("seconds", "rows"),
    [
        (0.0, 0),
        (1 / 16000, 1),
        (0.04, 1),
        (0.040_062_5, 2),
        (float("nan"), 0),
    ],
)
def test_silence_is_covered_by_whole_rows(seconds: float, rows: int) -> None:
    assert silent_rows(seconds) == rows


def test_the_silence_of_a_video_is_in_seconds() -> None:
    track = grey_track(32, pcm=pcm_with_silence(32, 800))
    assert silence_of(grey_video("a", [track])) == 0.05


def test_a_first_track_that_starts_later_tells_nothing() -> None:
    assert silence_of(grey_video("a", [grey_track(32, start=1.0)])) is None


def test_a_video_without_its_silence_starts_at_a_later_row() -> None:
    first = grey_track(40, pcm=pcm_with_silence(40, 800))
    second = grey_track(16, start=4.0)
    video = grey_video("a", [first, second])
    cut = without_silence(video)
    assert len(cut.tracks[0]) == 38
    assert cut.tracks[0].start == 2 / 25
    assert cut.tracks[0].crops[0] == first.crops[2]
    assert cut.tracks[1] is second


def test_the_log_mel_of_the_new_segments_is_computed_anew() -> None:
    pcm = pcm_with_silence(40, 800)
    cut = without_silence(grey_video("a", [grey_track(40, pcm=pcm)]))
    expected = segment_log_mel(pcm[2 * 640 :])
    np.testing.assert_array_equal(cut.tracks[0].log_mel, expected)


@pytest.mark.parametrize(
    ("rows", "silent"),
    [
        (32, 0),
        (17, 5 * 640),
    ],
)
def test_a_video_stays_as_it_is_without_silence_or_without_a_segment_left(
    rows: int,
    silent: int,
) -> None:
    video = grey_video("a", [grey_track(rows, pcm=pcm_with_silence(rows, silent))])
    assert without_silence(video) is video


def test_silence_in_shards_equals_that_of_the_videos_in_memory(tmp_path: Path) -> None:
    videos = [
        grey_video("a", [grey_track(32, pcm=pcm_with_silence(32, 800))]),
        grey_video("b", [grey_track(32, start=1.0)]),
        grey_video("c"),
    ]
    write_shard(tmp_path, *videos)
    seconds = silence_in_shards(list_shard_videos(tmp_path))
    np.testing.assert_array_equal(seconds, [0.05, np.nan, 0.0])


def test_silence_in_shards_is_at_most_2_seconds(tmp_path: Path) -> None:
    silent = grey_track(80, pcm=np.zeros(80 * 640, np.int16))
    write_shard(tmp_path, grey_video("a", [silent]))
    assert silence_in_shards(list_shard_videos(tmp_path)).tolist() == [2.0]
