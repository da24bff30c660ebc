"""The index of a folder: where each video's tracks and segments are."""

from pathlib import Path

import pytest

from avdf.cache import ShardError
from avdf.cache.stream.index import index_folder, list_shard_videos
from tests.helpers.prepared import grey_track, grey_video, write_shard


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shard with a video of two tracks, 40 and 20 rows, and one of 16 rows without audio."""
    tracks = [grey_track(40, start=1.0), grey_track(20, start=4.0)]
    silent = [grey_track(16, has_audio=False)]
    write_shard(
        tmp_path, grey_video("two", tracks, offset=0.5), grey_video("silent", silent)
    )
    return tmp_path


def test_tracks_are_consecutive_rows_of_the_shard(folder: Path) -> None:
    two, silent = list_shard_videos(folder)
    rows = [
        (track.row, track.rows, track.end) for track in (*two.tracks, *silent.tracks)
    ]
    assert rows == [(0, 40, 40), (40, 20, 60), (60, 16, 76)]


def test_segments_start_at_every_sixteenth_row_of_a_track(folder: Path) -> None:
    two, silent = list_shard_videos(folder)
    assert [(segment.number, segment.row) for segment in two.segments] == [
        (0, 0),
        (1, 16),
        (2, 40),
    ]
    assert [(segment.number, segment.row) for segment in silent.segments] == [(3, 60)]


def test_the_start_of_a_segment_is_in_seconds_from_time_0(folder: Path) -> None:
    two, _ = list_shard_videos(folder)
    assert [segment.start for segment in two.segments] == [1.0, 1.0 + 16 / 25, 4.0]


def test_the_file_time_of_a_row_includes_the_offset(folder: Path) -> None:
    two, _ = list_shard_videos(folder)
    assert two.file_time(10) == pytest.approx(0.5 + 1.0 + 10 / 25)
    assert two.file_time(45) == pytest.approx(0.5 + 4.0 + 5 / 25)


def test_a_video_has_audio_unless_all_of_its_tracks_are_silent(folder: Path) -> None:
    two, silent = list_shard_videos(folder)
    assert two.has_audio
    assert not silent.has_audio


def test_videos_that_failed_are_in_the_index_of_a_folder(folder: Path) -> None:
    write_table(folder, "two,two,ok,", "silent,silent,ok,", "bad,bad,corrupt,no frames")
    index = index_folder(folder)
    assert [info.id for info in index.infos] == ["two", "silent", "bad"]
    assert [item.status for item in index.unprepared] == ["corrupt"]


def test_a_video_that_failed_and_is_in_a_shard_is_refused(folder: Path) -> None:
    write_table(folder, "two,two,corrupt,no frames", "silent,silent,ok,")
    with pytest.raises(
        ShardError,
        match="says that 'two' failed, but a shard holds it",
    ):
        index_folder(folder)


def test_a_shard_that_the_table_does_not_list_is_refused(folder: Path) -> None:
    write_table(folder, "two,two,ok,")
    with pytest.raises(ShardError, match=r"holds 1 video .*'silent'.* does not list"):
        index_folder(folder)


def write_table(folder: Path, *rows: str) -> None:
    text = "\n".join(["id,path,status,reason", *rows, ""])
    (folder / "videos.csv").write_text(text, encoding="utf-8")
