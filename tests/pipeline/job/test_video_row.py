"""Rows of `videos.csv`: columns, and the way through a mark."""

import json
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.video import Period, PreparedVideo, Track, VideoInfo
from avdf.pipeline.job.done_tasks import TASKS_FOLDER, mark_done, read_marks
from avdf.pipeline.job.plan import PrepPlan
from avdf.pipeline.job.video_row import VIDEO_COLUMNS, VideoRow

INFO = VideoInfo(id="a", path="/in/a.mp4", label=1, periods=(Period(0.0, 1.0, 1, -1),))


def prepared_video(frames: int) -> PreparedVideo:
    """A video of one track, without content."""
    track = Track(
        start=0.0,
        crops=(b"x",) * frames,
        boxes=np.zeros((frames, 4), np.float32),
        probability=np.ones(frames, np.float32),
        pcm=np.zeros(640 * frames, np.int16),
        log_mel=np.zeros((frames // 16, 80, 64), np.float16),
    )
    return PreparedVideo(INFO, "ab12", frames / 25, 1, (track,))


def test_a_prepared_video_is_counted() -> None:
    row = VideoRow.prepared(prepared_video(40), "shard-00000.h5")
    assert (row.status, row.shard, row.sha256) == ("ok", "shard-00000.h5", "ab12")
    assert (row.tracks, row.frames, row.segments, row.duration) == (1, 40, 2, 1.6)


def test_the_reason_of_a_failure_is_on_one_line() -> None:
    row = VideoRow.failed(INFO, "corrupt", "first\n  second\tthird")
    assert (row.status, row.reason, row.frames) == ("corrupt", "first second third", 0)


def test_columns_carry_what_the_dataset_says() -> None:
    columns = VideoRow.failed(INFO, "corrupt", "x").as_columns()
    assert list(columns) == list(VIDEO_COLUMNS)
    assert (columns["id"], columns["label"]) == ("a", 1)
    assert json.loads(columns["periods"]) == [[0.0, 1.0, 1, -1]]


def test_a_row_is_read_from_its_columns() -> None:
    row = VideoRow.prepared(prepared_video(16), "shard-00000.h5")
    assert VideoRow.from_columns(row.as_columns()) == row


def test_columns_that_are_missing_are_at_their_defaults() -> None:
    row = VideoRow.from_columns({"id": "a", "path": "/in/a.mp4", "status": "ok"})
    assert row == VideoRow(VideoInfo(id="a", path="/in/a.mp4"), "ok")


@pytest.mark.parametrize("columns", [{"id": "a"}, {"id": "a", "path": "a", "odd": 1}])
def test_values_that_are_no_row_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises((TypeError, ValueError)):
        VideoRow.from_columns(columns)


# Marks of finished tasks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / TASKS_FOLDER).mkdir()
    return tmp_path


def plan_of(*tasks: str) -> PrepPlan:
    """A plan of tasks, each a word whose letters are ids."""
    names = "".join(tasks)
    known = {name: VideoInfo(id=name, path=name) for name in names}
    return PrepPlan({}, tuple(tuple(task) for task in tasks), known)


def rows(names: str, status: str = "ok") -> tuple[VideoRow, ...]:
    return tuple(VideoRow(VideoInfo(id=name, path=name), status) for name in names)


def test_a_marked_task_with_its_shard_is_done(folder: Path) -> None:
    (folder / "shard-00000.h5").touch()
    mark_done(folder, 0, rows("ab"))
    done = read_marks(folder, plan_of("ab", "c"))
    assert done.rows_of == {0: rows("ab")}


def test_a_task_whose_shard_is_gone_is_not_done(folder: Path) -> None:
    mark_done(folder, 0, rows("ab"))
    assert read_marks(folder, plan_of("ab")).rows_of == {}


def test_a_task_in_which_nothing_was_prepared_needs_no_shard(folder: Path) -> None:
    mark_done(folder, 0, rows("a", "corrupt"))
    done = read_marks(folder, plan_of("a"))
    assert done.rows_of == {0: rows("a", "corrupt")}


def test_marking_such_a_task_removes_an_older_shard(folder: Path) -> None:
    (folder / "shard-00000.h5").touch()
    mark_done(folder, 0, rows("a", "corrupt"))
    assert not (folder / "shard-00000.h5").exists()


def test_a_task_that_has_got_another_video_is_not_done(folder: Path) -> None:
    (folder / "shard-00000.h5").touch()
    mark_done(folder, 0, rows("a"))
    assert read_marks(folder, plan_of("ab")).rows_of == {}


def test_a_shard_with_a_video_of_another_task_is_crowded(folder: Path) -> None:
    (folder / "shard-00000.h5").touch()
    mark_done(folder, 0, rows("ab"))
    done = read_marks(folder, plan_of("a", "b"))
    assert done.crowded == (0,)
    assert done.rows_of == {}


def test_the_last_failure_is_known_where_a_task_is_not_done(folder: Path) -> None:
    mark_done(folder, 0, rows("a", "corrupt"))
    done = read_marks(folder, plan_of("ab"))
    assert done.failed == {"a": rows("a", "corrupt")[0]}
    assert done.rows(plan_of("ab")) == rows("a", "corrupt")


@pytest.mark.parametrize("text", ["", "[]", '{"rows": [3]}', '{"rows": [{"id": "a"}]}'])
def test_a_damaged_mark_is_no_mark(text: str, folder: Path) -> None:
    (folder / "shard-00000.h5").touch()
    (folder / TASKS_FOLDER / "00000.json").write_text(text, encoding="utf-8")
    assert read_marks(folder, plan_of("a")).rows_of == {}


def test_rows_are_in_the_order_of_planning(folder: Path) -> None:
    (folder / "shard-00000.h5").touch()
    mark_done(folder, 1, rows("a", "corrupt"))
    mark_done(folder, 0, rows("b"))
    plan = plan_of("b", "a")
    assert [row.id for row in read_marks(folder, plan).rows(plan)] == ["b", "a"]
