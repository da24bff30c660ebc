"""Whole tracks as clips of bounded length."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.clips import TrackClip, prepared_clips, shard_clips
from avdf.cache.stream.index import VideoRef, list_shard_videos
from tests.helpers.prepared import grey_track, grey_video, write_shard


@pytest.fixture(autouse=True)
def short_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips of at most 16 rows, so that small videos have several."""
    monkeypatch.setattr("avdf.cache.stream.clips.MOST_ROWS", 16)


@pytest.fixture
def videos(tmp_path: Path) -> tuple[VideoRef, ...]:
    """A video with tracks of 40 and 16 rows, then one with 20 rows."""
    first = grey_video("a", [grey_track(40), grey_track(16, start=3.0)], offset=0.5)
    write_shard(tmp_path, first, grey_video("b", [grey_track(20)]))
    return list_shard_videos(tmp_path)


def damage_row(video: VideoRef, row: int) -> None:
    with h5py.File(video.shard, "r+") as file:
        start = int(file["frames/offset"][row])
        file["frames/bytes"][start : start + 50] = 0


def test_a_track_becomes_clips_up_to_its_last_row(videos: tuple[VideoRef, ...]) -> None:
    clips = list(shard_clips(videos))
    assert [(clip.video, len(clip.frames), clip.last) for clip in clips] == [
        (0, 16, False),
        (0, 16, False),
        (0, 8, True),
        (0, 16, True),
        (1, 16, False),
        (1, 4, True),
    ]


def test_the_start_of_a_clip_is_in_file_time(videos: tuple[VideoRef, ...]) -> None:
    starts = [clip.start for clip in shard_clips(videos[:1])]
    assert starts == pytest.approx([0.5, 0.5 + 16 / 25, 0.5 + 32 / 25, 3.5])


def test_skipped_rows_are_left_out_at_the_start(videos: tuple[VideoRef, ...]) -> None:
    whole, cut = next(shard_clips(videos)), next(shard_clips(videos, skip=[5, 0]))
    assert cut.start == pytest.approx(whole.start + 5 / 25)
    np.testing.assert_array_equal(cut.frames[:11], whole.frames[5:])


def test_nothing_is_skipped_if_no_segment_would_be_left(
    videos: tuple[VideoRef, ...],
) -> None:
    (clip, _) = shard_clips(videos[1:], skip=[5])
    assert clip.start == 0.0


def test_a_video_in_memory_has_the_same_clips_as_in_a_shard(tmp_path: Path) -> None:
    video = grey_video("a", [grey_track(40)], offset=0.25)
    write_shard(tmp_path, video)
    from_shard = list(shard_clips(list_shard_videos(tmp_path)))
    in_memory = list(prepared_clips(video))
    assert len(from_shard) == len(in_memory)
    for stored, own in zip(from_shard, in_memory, strict=True):
        assert (stored.start, stored.last) == (own.start, own.last)
        np.testing.assert_array_equal(stored.frames, own.frames)
        np.testing.assert_array_equal(stored.pcm, own.pcm)


def test_a_damaged_video_goes_to_the_caller(videos: tuple[VideoRef, ...]) -> None:
    damage_row(videos[0], 20)
    with pytest.raises(SegmentError, match="crop of row 20"):
        list(shard_clips(videos))


def test_the_other_videos_are_read_when_damage_is_reported(
    videos: tuple[VideoRef, ...],
) -> None:
    damage_row(videos[0], 20)
    reported: list[int] = []
    clips = list(shard_clips(videos, on_damage=lambda video, _: reported.append(video)))
    assert reported == [0]
    # The track that had begun ends with a clip without rows.
    assert [(clip.video, len(clip.frames), clip.last) for clip in clips] == [
        (0, 16, False),
        (0, 0, True),
        (1, 16, False),
        (1, 4, True),
    ]


def test_frames_and_audio_of_a_clip_must_belong_together() -> None:
    frames = np.zeros((2, 224, 224, 3), np.uint8)
    with pytest.raises(ValueError, match="with 640 samples"):
        TrackClip(0, 0.0, frames, np.zeros(640, np.int16))
