"""Windows that cannot be read are listed in a file and counted in a note."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import SegmentError
from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import VideoRef
from avdf.model.runs.log import read_log
from avdf.model.training.distributed import Ranks
from avdf.model.training.unreadable_windows import UnreadableWindows

VIDEO = VideoRef(VideoInfo(id="v", path="v"), Path("shard"), (), ())
ERROR = SegmentError("a crop cannot be decoded")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "damaged.jsonl"


def test_a_window_is_listed_with_its_reason(path: Path) -> None:
    unreadable = UnreadableWindows(path, Ranks())
    unreadable.add(1, 7, VIDEO, ERROR)
    unreadable.write()
    (line,) = read_log(path)
    assert line == {
        "epoch": 1,
        "step": 7,
        "id": "v",
        "reason": "a crop cannot be decoded",
    }


def test_nothing_is_written_where_all_windows_can_be_read(path: Path) -> None:
    unreadable = UnreadableWindows(path, Ranks())
    unreadable.write()
    assert not path.exists()
    assert unreadable.notes == ()


def test_a_window_is_written_once(path: Path) -> None:
    unreadable = UnreadableWindows(path, Ranks())
    unreadable.add(1, 7, VIDEO, ERROR)
    unreadable.write()
    unreadable.write()
    assert len(read_log(path)) == 1


def test_the_note_counts_what_came_before_a_resume(path: Path) -> None:
    for step in (1, 2):
        unreadable = UnreadableWindows(path, Ranks())
        unreadable.add(1, step, VIDEO, ERROR)
        unreadable.write()
    resumed = UnreadableWindows(path, Ranks())
    resumed.count()
    (note,) = resumed.notes
    assert note.startswith("2 times a segment could not be read")
    assert "damaged.jsonl" in note
