"""Prep jobs over their life: interrupted, tried again, extended, moved.

No video is ever in two shards.
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from avdf.cache.core.errors import ShardError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.cache.stream.index import list_shard_videos
from avdf.pipeline.job import run as job
from avdf.pipeline.job.done_tasks import mark_done
from avdf.pipeline.job.id_conflict import refuse_other_file
from avdf.pipeline.job.task import PrepTask
from avdf.pipeline.settings import PrepSettings
from tests.helpers.command import call
from tests.helpers.fake_pool import FakePool, write_files, write_task
from tests.helpers.tables import read_table

KILLED = 130
ONCE_EACH = {"a.mp4": 1, "b.mp4": 1, "c.mp4": 1}

Prep = Callable[..., tuple[int, str]]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    """The pool that jobs use: it is told after how many tasks it is killed."""
    found = FakePool()
    monkeypatch.setattr(job, "run_tasks", found)
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a good video and two that cannot be prepared."""
    return write_files(tmp_path / "in", a="good a", b="bad", c="bad")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def prep(pool: FakePool, out: Path) -> Prep:
    """`avdf prep WORDS --out out`."""
    del pool
    return lambda *words: call("prep", *words, "--out", out)


def statuses(out: Path) -> dict[str, str]:
    return {row["id"]: row["status"] for row in read_table(out / "videos.csv")}


def in_shards(out: Path) -> Counter[str]:
    """How many shards each video is in."""
    return Counter(video.info.id for video in list_shard_videos(out))


# Interrupted and tried again


def test_a_video_that_is_tried_again_is_in_one_shard(
    prep: Prep,
    pool: FakePool,
    source: Path,
    out: Path,
) -> None:
    assert prep(source)[0] == 3
    write_files(source, b="good b", c="good c")
    pool.killed_after = 1
    assert prep(source, "--retry-failed")[0] == KILLED
    pool.killed_after = 99
    assert prep(source, "--retry-failed")[0] == 0
    assert in_shards(out) == ONCE_EACH
    assert statuses(out) == dict.fromkeys(ONCE_EACH, "ok")


def test_only_failures_are_tried_again(
    prep: Prep,
    pool: FakePool,
    source: Path,
) -> None:
    prep(source)
    write_files(source, b="good b", c="good c")
    for _ in range(2):
        assert prep(source, "--retry-failed")[0] == 0
    assert Counter(pool.done) == {"a.mp4": 1, "b.mp4": 2, "c.mp4": 2}


def test_an_interrupted_retry_keeps_a_row_for_every_input(
    prep: Prep,
    pool: FakePool,
    source: Path,
    out: Path,
) -> None:
    prep(source)
    pool.killed_after = 0
    assert prep(source, "--retry-failed")[0] == KILLED
    assert statuses(out) == {"a.mp4": "ok", "b.mp4": "corrupt", "c.mp4": "corrupt"}


def test_the_next_job_finishes_what_a_retry_began(
    prep: Prep,
    pool: FakePool,
    source: Path,
    out: Path,
) -> None:
    prep(source)
    pool.killed_after = 0
    prep(source, "--retry-failed")
    pool.killed_after = 99
    write_files(source, b="good", c="good")
    assert prep(source)[0] == 0
    assert in_shards(out) == ONCE_EACH


def test_a_shard_that_is_rebuilt_has_its_own_videos_alone(
    prep: Prep,
    tmp_path: Path,
    out: Path,
) -> None:
    source = write_files(tmp_path / "in", a="good a", b="bad")
    words = (source, "--videos-per-shard", 2)
    prep(*words)
    write_files(source, b="good b")
    assert prep(*words, "--retry-failed")[0] == 0
    (out / "shard-00000.h5").unlink()
    assert prep(*words)[0] == 0
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1}
    assert len(statuses(out)) == 2


def test_a_video_that_is_damaged_before_the_rebuild_leaves_no_shard(
    prep: Prep,
    tmp_path: Path,
    out: Path,
) -> None:
    source = write_files(tmp_path / "in", a="good a")
    prep(source)
    (out / "tasks" / "00000.json").unlink()
    write_files(source, a="bad")
    assert prep(source)[0] == 3
    assert not list(out.glob("*.h5"))
    assert statuses(out) == {"a.mp4": "corrupt"}


# Folders of older versions


@pytest.fixture
def twice(prep: Prep, tmp_path: Path, out: Path) -> Path:
    """The source of a folder as older versions left it: two tasks and two shards hold `b`."""
    source = write_files(tmp_path / "in", a="good a", b="good b")
    prep(source, "--videos-per-shard", 2)
    content = json.loads((out / PLAN_FILE).read_text(encoding="utf-8"))
    videos = [VideoInfo(id=name, **known) for name, known in content["videos"].items()]
    for index, names in enumerate((videos, videos[1:])):
        shard = out / f"shard-{index:05d}.h5"
        rows = write_task(PrepTask(index, tuple(names), shard, PrepSettings()))
        mark_done(out, index, rows)
    content["tasks"] = [["a.mp4", "b.mp4"], ["b.mp4"]]
    (out / PLAN_FILE).write_text(json.dumps(content), encoding="utf-8")
    return source


@pytest.mark.usefixtures("twice")
def test_a_video_in_two_shards_is_refused_by_readers(out: Path) -> None:
    with pytest.raises(ShardError, match=r"b\.mp4"):
        in_shards(out)


def test_a_video_in_two_shards_is_put_right_by_the_next_job(
    prep: Prep,
    twice: Path,
    out: Path,
) -> None:
    assert prep(twice, "--videos-per-shard", 2)[0] == 0
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1}
    assert statuses(out) == {"a.mp4": "ok", "b.mp4": "ok"}


def test_such_a_shard_is_kept_where_it_cannot_be_built_again(
    prep: Prep,
    twice: Path,
    out: Path,
) -> None:
    (twice / "a.mp4").unlink()
    code, text = prep(twice, "--videos-per-shard", 2)
    assert code == 2
    assert "another shard holds too" in text
    assert (out / "shard-00000.h5").is_file()


def test_a_half_done_folder_without_descriptions_needs_its_source(
    prep: Prep,
    pool: FakePool,
    tmp_path: Path,
    out: Path,
) -> None:
    source = write_files(tmp_path / "in", a="good a", b="good b")
    pool.killed_after = 1
    prep(source)
    content = json.loads((out / PLAN_FILE).read_text(encoding="utf-8"))
    del content["videos"]
    (out / PLAN_FILE).write_text(json.dumps(content), encoding="utf-8")
    pool.killed_after = 99
    code, text = prep(source / "a.mp4")
    assert code == 2
    assert "half done and waits for b.mp4" in text
    assert prep(source)[0] == 0
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1}


# Sources that change


def test_another_file_of_the_same_id_is_refused_with_both_paths(
    prep: Prep,
    tmp_path: Path,
) -> None:
    one = write_files(tmp_path / "one", a="good 1")
    other = write_files(tmp_path / "other", a="good 2")
    prep(one)
    code, text = prep(other)
    assert code == 2
    assert str(one / "a.mp4") in text
    assert str(other / "a.mp4") in text


def test_a_copy_is_the_same_video(prep: Prep, tmp_path: Path, out: Path) -> None:
    prep(write_files(tmp_path / "one", a="good 1"))
    assert prep(write_files(tmp_path / "other", a="good 1", b="good 3"))[0] == 0
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1}


def test_another_file_is_refused_after_the_first_is_gone_too(
    prep: Prep,
    tmp_path: Path,
) -> None:
    one = write_files(tmp_path / "one", a="good 1")
    prep(one)
    (one / "a.mp4").unlink()
    assert prep(write_files(tmp_path / "third", a="good 4"))[0] == 2


def test_a_dataset_that_was_moved_is_the_same(
    prep: Prep,
    tmp_path: Path,
    out: Path,
) -> None:
    source = write_files(tmp_path / "in", a="good a", b="bad")
    prep(source)
    moved = source.rename(tmp_path / "moved")
    write_files(moved, b="good b")
    code, text = prep(moved, "--retry-failed")
    assert code == 0, text
    content = json.loads((out / PLAN_FILE).read_text(encoding="utf-8"))
    assert content["videos"]["a.mp4"]["path"] == str(moved / "a.mp4")
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1}


def test_an_entry_that_is_put_right_is_no_other_video(tmp_path: Path) -> None:
    table, video = tmp_path / "meta_data.csv", tmp_path / "x.mp4"
    table.write_text("path", encoding="utf-8")
    video.write_bytes(b"video")
    faulty = VideoInfo(
        id="x.mp4",
        path=str(table),
        fault="line 2: race 'Asia' is not one",
    )
    right = VideoInfo(id="x.mp4", path=str(video))
    refuse_other_file(faulty, right, None, tmp_path)
    refuse_other_file(right, faulty, None, tmp_path)


# Jobs without their source


@pytest.fixture
def half_done(prep: Prep, pool: FakePool, tmp_path: Path) -> Path:
    """The source of a job that was killed after its first task; its last video is gone."""
    source = write_files(tmp_path / "in", a="good a", b="good b", c="good c")
    pool.killed_after = 1
    assert prep(source)[0] == KILLED
    pool.killed_after = 99
    (source / "c.mp4").unlink()
    return source


@pytest.mark.usefixtures("half_done")
def test_a_half_done_job_is_finished_with_another_source(
    prep: Prep,
    tmp_path: Path,
    out: Path,
) -> None:
    code, _ = prep(write_files(tmp_path / "other", d="good d"))
    assert code == 3
    assert statuses(out) == {
        "a.mp4": "ok",
        "b.mp4": "ok",
        "c.mp4": "missing",
        "d.mp4": "ok",
    }


def test_failures_are_tried_again_without_any_source(
    prep: Prep,
    half_done: Path,
    out: Path,
) -> None:
    prep()
    write_files(half_done, c="good c")
    code, text = prep("--retry-failed")
    assert code == 0
    assert "3 ok" in text
    assert in_shards(out)["c.mp4"] == 1


@pytest.mark.usefixtures("pool")
def test_a_new_folder_needs_a_source(tmp_path: Path) -> None:
    code, text = call("prep", "--out", tmp_path / "new")
    assert code == 2
    assert "no source given" in text


def test_a_shard_that_the_job_did_not_make_is_not_overwritten(
    prep: Prep,
    tmp_path: Path,
    out: Path,
) -> None:
    source = write_files(tmp_path / "in", a="good a")
    prep(source)
    (out / "shard-00001.h5").write_bytes(b"mine")
    write_files(source, b="good b")
    code, text = prep(source)
    assert code == 2
    assert "shard-00001.h5 was not made by the job" in text
    assert (out / "shard-00001.h5").read_bytes() == b"mine"
