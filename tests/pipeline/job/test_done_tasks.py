"""Marks of finished tasks: when a task counts as done, and what is read back of it."""

from pathlib import Path

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.job.done_tasks import TASKS_FOLDER, mark_done, read_marks
from avdf.pipeline.job.plan import PrepPlan
from avdf.pipeline.job.video_row import VideoRow

FIRST_SHARD = "shard-00000.h5"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The output of a preparation that has marked no task yet."""
    (tmp_path / TASKS_FOLDER).mkdir()
    return tmp_path


@pytest.fixture
def folder_with_shard(folder: Path) -> Path:
    """The output of a preparation that wrote the shard of its first task."""
    (folder / FIRST_SHARD).touch()
    return folder


def plan_of(*tasks: str) -> PrepPlan:
    """A plan of tasks, each a word whose letters are ids."""
    known = {}
    for name in "".join(tasks):
        known[name] = VideoInfo(id=name, path=name)
    return PrepPlan({}, tuple(tuple(task) for task in tasks), known)


def row(name: str, status: str = "ok") -> VideoRow:
    return VideoRow(VideoInfo(id=name, path=name), status)


def rows(names: str, status: str = "ok") -> tuple[VideoRow, ...]:
    """A row for each letter."""
    return tuple(row(name, status) for name in names)


def test_a_marked_task_with_its_shard_is_done(folder_with_shard: Path) -> None:
    mark_done(folder_with_shard, 0, rows("ab"))
    done = read_marks(folder_with_shard, plan_of("ab", "c"))
    assert done.rows_of == {0: rows("ab")}


def test_a_task_whose_shard_is_gone_is_not_done(folder: Path) -> None:
    mark_done(folder, 0, rows("ab"))
    done = read_marks(folder, plan_of("ab"))
    assert done.rows_of == {}


def test_a_task_in_which_nothing_was_prepared_needs_no_shard(folder: Path) -> None:
    failed = rows("a", "corrupt")
    mark_done(folder, 0, failed)
    done = read_marks(folder, plan_of("a"))
    assert done.rows_of == {0: failed}


def test_marking_such_a_task_removes_an_older_shard(folder_with_shard: Path) -> None:
    mark_done(folder_with_shard, 0, rows("a", "corrupt"))
    shard = folder_with_shard / FIRST_SHARD
    assert not shard.exists()


def test_a_task_that_has_got_another_video_is_not_done(
    folder_with_shard: Path,
) -> None:
    mark_done(folder_with_shard, 0, rows("a"))
    done = read_marks(folder_with_shard, plan_of("ab"))
    assert done.rows_of == {}


def test_a_shard_with_a_video_of_another_task_is_crowded(
    folder_with_shard: Path,
) -> None:
    mark_done(folder_with_shard, 0, rows("ab"))
    # Video b now belongs to a task of its own: the shard may not hold it any more.
    done = read_marks(folder_with_shard, plan_of("a", "b"))
    assert done.crowded == (0,)
    assert done.rows_of == {}


def test_the_last_failure_is_known_where_a_task_is_not_done(folder: Path) -> None:
    failure = row("a", "corrupt")
    mark_done(folder, 0, (failure,))
    plan = plan_of("ab")
    done = read_marks(folder, plan)
    assert done.failed == {"a": failure}
    assert done.rows(plan) == (failure,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"rows": [3]}',
        '{"rows": [{"id": "a"}]}',
    ],
)
def test_a_damaged_mark_is_no_mark(text: str, folder_with_shard: Path) -> None:
    mark = folder_with_shard / TASKS_FOLDER / "00000.json"
    mark.write_text(text, encoding="utf-8")
    done = read_marks(folder_with_shard, plan_of("a"))
    assert done.rows_of == {}


def test_rows_are_in_the_order_of_planning(folder_with_shard: Path) -> None:
    # The second task is done before the first.
    mark_done(folder_with_shard, 1, rows("a", "corrupt"))
    mark_done(folder_with_shard, 0, rows("b"))
    plan = plan_of("b", "a")
    done = read_marks(folder_with_shard, plan)
    names = [found.id for found in done.rows(plan)]
    assert names == ["b", "a"]
