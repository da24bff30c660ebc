"""Which windows of a video are scored."""

from pathlib import Path

from avdf.cache import VideoInfo
from avdf.cache.stream.index import SegmentRef, TrackRef, VideoRef
from avdf.cache.stream.windows import NOT_STORED, Window, in_batches, scoring_windows

SHARD = Path("shard-00000.h5")


def make_video(*rows: int, start: float = 0.0) -> VideoRef:
    """A video with tracks of so many rows, the first of which starts at `start` seconds."""
    tracks: list[TrackRef] = []
    segments: list[SegmentRef] = []
    row = 0
    for index, count in enumerate(rows):
        track = TrackRef(row, count, start + 10.0 * index, has_audio=True)
        for first in range(row, row + count - 15, 16):
            segments.append(SegmentRef(len(segments), first, track.seconds(first)))
        tracks.append(track)
        row += count
    return VideoRef(VideoInfo("a", "a"), SHARD, tuple(tracks), tuple(segments))


def rows_of(windows: list[Window]) -> list[int]:
    return [window.row for window in windows]


def test_all_stored_segments_are_scored() -> None:
    windows = scoring_windows([make_video(40, 20)])
    assert windows == [
        Window(0, SHARD, 0, 0),
        Window(0, SHARD, 16, 1),
        Window(0, SHARD, 40, 2, track=1),
    ]


def test_windows_carry_the_number_of_their_video() -> None:
    windows = scoring_windows([make_video(16), make_video(32)])
    assert [window.video for window in windows] == [0, 1, 1]


def test_a_limited_number_of_windows_is_spread_over_the_video() -> None:
    windows = scoring_windows([make_video(16 * 9)], most=3)
    assert rows_of(windows) == [0, 64, 128]


def test_a_limit_above_the_number_of_windows_changes_nothing() -> None:
    video = make_video(48)
    assert scoring_windows([video], most=10) == scoring_windows([video])


def test_skipped_rows_shift_the_windows_of_the_first_track() -> None:
    windows = scoring_windows([make_video(40, 20)], skip=[3])
    assert rows_of(windows) == [3, 19, 40]
    assert [window.segment for window in windows] == [NOT_STORED, NOT_STORED, 2]


def test_nothing_is_skipped_if_no_window_would_be_left() -> None:
    video = make_video(20)
    assert scoring_windows([video], skip=[5]) == scoring_windows([video])


def test_nothing_is_skipped_if_the_first_track_starts_later() -> None:
    video = make_video(40, start=1.0)
    assert scoring_windows([video], skip=[3]) == scoring_windows([video])


def test_batches_are_consecutive_and_the_last_may_be_smaller() -> None:
    windows = scoring_windows([make_video(16 * 5)])
    batches = in_batches(windows, 2)
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [window for batch in batches for window in batch] == windows
