"""Prep jobs over their life: interrupted, tried again, extended, moved. No video is ever in two shards."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from avdf.cache import PreparedVideo, ShardWriter, Track, VideoInfo
from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.errors import ShardError
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.cache.stream.index import list_shard_videos
from avdf.pipeline.job import run as job
from avdf.pipeline.job.done_tasks import mark_done
from avdf.pipeline.job.id_conflict import refuse_other_file
from avdf.pipeline.job.plan import PrepPlan
from avdf.pipeline.job.task import PrepTask
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.settings import PrepSettings
from tests.helpers.command import call

Rows = tuple[VideoRow, ...]


class Pool:
    """In place of the workers: a file that begins with `good` is prepared at once, another one is corrupt.

    `killed_after`: tasks that are done before the job is killed.
    """

    def __init__(self) -> None:
        self.killed_after = 99
        self.done: list[str] = []

    def __call__(
        self,
        tasks: Sequence[PrepTask],
        workers: int,
        on_video: Callable[[str], None] = lambda _: None,
    ) -> Iterator[tuple[PrepTask, Rows]]:
        del workers, on_video
        for number, task in enumerate(tasks):
            if number >= self.killed_after:
                raise KeyboardInterrupt
            self.done += [video.id for video in task.videos]
            yield task, self._write(task)

    def _write(self, task: PrepTask) -> Rows:
        good = [
            info
            for info in task.videos
            if info.file.is_file() and info.file.read_bytes()[:4] == b"good"
        ]
        if good:
            with ShardWriter(task.shard, task.settings.as_dict()) as writer:
                for info in good:
                    writer.add(_video(info))
        return tuple(
            VideoRow.prepared(_video(info), task.shard.name)
            if info in good
            else VideoRow.failed(
                info, "corrupt" if info.file.is_file() else "missing", "for this test"
            )
            for info in task.videos
        )


def _video(info: VideoInfo) -> PreparedVideo:
    rows = SEGMENT_FRAMES
    track = Track(
        0.0, (b"x",) * rows, np.zeros((rows, 4), np.float32), np.ones(rows, np.float32),
        np.zeros(rows * 640, np.int16), np.zeros((1, 80, 64), np.float16),
    )  # fmt: skip
    return PreparedVideo(
        info, hashlib.sha256(info.file.read_bytes()).hexdigest(), rows / 25, 1, (track,)
    )


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    found = Pool()
    monkeypatch.setattr(job, "run_tasks", found)
    return found


def films(folder: Path, **content: str) -> Path:
    """A folder of files NAME.mp4 with such content."""
    folder.mkdir(exist_ok=True)
    for name, text in content.items():
        (folder / f"{name}.mp4").write_text(text, encoding="utf-8")
    return folder


def table(out: Path) -> dict[str, str]:
    with (out / "videos.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["status"] for row in csv.DictReader(file)}


def in_shards(out: Path) -> Counter[str]:
    return Counter(video.info.id for video in list_shard_videos(out))


def test_tried_again_killed_and_tried_again_a_video_is_in_one_shard(
    pool: Pool, tmp_path: Path
) -> None:
    source, out = films(tmp_path / "in", a="good a", b="bad", c="bad"), tmp_path / "out"
    assert call("prep", source, "--out", out)[0] == 3
    films(source, b="good b", c="good c")
    pool.killed_after = 1
    assert call("prep", source, "--out", out, "--retry-failed")[0] == 130
    pool.killed_after = 99
    for _ in range(2):
        code, text = call("prep", source, "--out", out, "--retry-failed")
        assert code == 0, text
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1, "c.mp4": 1}
    assert table(out) == dict.fromkeys(("a.mp4", "b.mp4", "c.mp4"), "ok")
    assert Counter(pool.done) == {"a.mp4": 1, "b.mp4": 2, "c.mp4": 2}


def test_an_interrupted_retry_still_tells_of_every_input(pool: Pool, tmp_path: Path) -> None:
    source, out = films(tmp_path / "in", a="good", b="bad", c="bad"), tmp_path / "out"
    call("prep", source, "--out", out)
    pool.killed_after = 0
    assert call("prep", source, "--out", out, "--retry-failed")[0] == 130
    assert table(out) == {"a.mp4": "ok", "b.mp4": "corrupt", "c.mp4": "corrupt"}
    pool.killed_after = 99
    films(source, b="good", c="good")
    assert call("prep", source, "--out", out)[0] == 0  # finishes what the retry began
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1, "c.mp4": 1}


def test_a_shard_that_is_rebuilt_has_its_own_videos_alone(pool: Pool, tmp_path: Path) -> None:
    source, out = films(tmp_path / "in", a="good a", b="bad"), tmp_path / "out"
    call("prep", source, "--out", out, "--videos-per-shard", 2)
    films(source, b="good b")
    words = ("prep", source, "--out", out, "--videos-per-shard", 2)
    assert call(*words, "--retry-failed")[0] == 0
    (out / "shard-00000.h5").unlink()
    assert call(*words)[0] == 0
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1} and len(table(out)) == 2


def test_a_folder_with_a_video_in_two_shards_is_put_right(pool: Pool, tmp_path: Path) -> None:
    """As older versions left it: both tasks name `b`, and both shards hold it."""
    source, out = films(tmp_path / "in", a="good a", b="good b"), tmp_path / "out"
    words = ("prep", source, "--out", out, "--videos-per-shard", 2)
    call(*words)
    _write_twice(out)
    with pytest.raises(ShardError, match=r"b\.mp4"):
        in_shards(out)
    assert call(*words)[0] == 0
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1} and table(out) == {
        "a.mp4": "ok",
        "b.mp4": "ok",
    }
    _write_twice(out)
    (source / "a.mp4").unlink()
    code, text = call(*words)
    assert code == 2 and "another shard holds too" in text and (out / "shard-00000.h5").is_file()


def _write_twice(out: Path) -> None:
    content = json.loads((out / PLAN_FILE).read_text(encoding="utf-8"))
    first, second = (VideoInfo(id=name, **known) for name, known in content["videos"].items())
    task = PrepTask(1, (second,), out / "shard-00001.h5", PrepSettings())
    both = PrepTask(0, (first, second), out / "shard-00000.h5", PrepSettings())
    for one in (both, task):
        mark_done(out, one.index, Pool()._write(one))
    content["tasks"] = [["a.mp4", "b.mp4"], ["b.mp4"]]
    (out / PLAN_FILE).write_text(json.dumps(content), encoding="utf-8")


def test_a_plan_never_has_a_video_in_two_tasks() -> None:
    one, two = (VideoInfo(id=name, path=name) for name in "ab")
    plan = PrepPlan({"videos_per_shard": 2}).extend([one, two]).extend([two])
    assert plan.tasks == (("a",), ("b",)) and list(plan.videos) == ["a", "b"]
    with pytest.raises(ValueError, match="two tasks"):
        PrepPlan({}, (("a",), ("a",)))


def test_another_file_of_the_same_id_is_refused_with_both_paths(pool: Pool, tmp_path: Path) -> None:
    one, other = films(tmp_path / "one", a="good 1"), films(tmp_path / "other", a="good 2")
    out = tmp_path / "out"
    assert call("prep", one, "--out", out)[0] == 0
    code, text = call("prep", other, "--out", out)
    assert code == 2 and str(one / "a.mp4") in text and str(other / "a.mp4") in text
    films(other, a="good 1", b="good 3")  # a copy is the same video
    assert call("prep", other, "--out", out)[0] == 0
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1}
    (one / "a.mp4").unlink()
    assert call("prep", films(tmp_path / "third", a="good 4"), "--out", out)[0] == 2


def test_a_dataset_that_was_moved_is_the_same(pool: Pool, tmp_path: Path) -> None:
    source, out = films(tmp_path / "in", a="good a", b="bad"), tmp_path / "out"
    call("prep", source, "--out", out)
    moved = source.rename(tmp_path / "moved")
    films(moved, b="good b")
    code, text = call("prep", moved, "--out", out, "--retry-failed")
    assert code == 0, text
    content = json.loads((out / PLAN_FILE).read_text(encoding="utf-8"))
    assert content["videos"]["a.mp4"]["path"] == str(moved / "a.mp4")
    assert in_shards(out) == {"a.mp4": 1, "b.mp4": 1}


def test_a_half_done_job_is_finished_without_its_source(pool: Pool, tmp_path: Path) -> None:
    source, out = films(tmp_path / "in", a="good a", b="good b", c="good c"), tmp_path / "out"
    pool.killed_after = 1
    assert call("prep", source, "--out", out)[0] == 130
    pool.killed_after = 99
    (source / "c.mp4").unlink()
    other = films(tmp_path / "other", d="good d")
    code, _ = call("prep", other, "--out", out)
    assert code == 3 and table(out) == {
        "a.mp4": "ok",
        "b.mp4": "ok",
        "c.mp4": "missing",
        "d.mp4": "ok",
    }
    films(source, c="good c")
    code, text = call("prep", "--out", out, "--retry-failed")  # no source at all
    assert code == 0 and "4 ok" in text and in_shards(out)["c.mp4"] == 1
    code, text = call("prep", "--out", tmp_path / "new")
    assert code == 2 and "no source given" in text


def test_a_half_done_folder_of_an_older_version_wants_its_videos(
    pool: Pool, tmp_path: Path
) -> None:
    source, out = films(tmp_path / "in", a="good a", b="good b"), tmp_path / "out"
    pool.killed_after = 1
    call("prep", source, "--out", out)
    content = json.loads((out / PLAN_FILE).read_text(encoding="utf-8"))
    del content["videos"]
    (out / PLAN_FILE).write_text(json.dumps(content), encoding="utf-8")
    pool.killed_after = 99
    code, text = call("prep", source / "a.mp4", "--out", out)
    assert code == 2 and "half done and waits for b.mp4" in text
    assert call("prep", source, "--out", out)[0] == 0 and in_shards(out) == {"a.mp4": 1, "b.mp4": 1}


def test_a_shard_that_the_job_did_not_make_is_not_overwritten(pool: Pool, tmp_path: Path) -> None:
    source, out = films(tmp_path / "in", a="good a"), tmp_path / "out"
    call("prep", source, "--out", out)
    (out / "shard-00001.h5").write_bytes(b"mine")
    films(source, b="good b")
    code, text = call("prep", source, "--out", out)
    assert code == 2 and "shard-00001.h5 was not made by the job" in text
    assert (out / "shard-00001.h5").read_bytes() == b"mine"


def test_a_video_that_is_gone_at_the_rebuild_leaves_no_shard_behind(
    pool: Pool, tmp_path: Path
) -> None:
    source, out = films(tmp_path / "in", a="good a"), tmp_path / "out"
    call("prep", source, "--out", out)
    (out / "tasks" / "00000.json").unlink()
    (source / "a.mp4").write_text("bad", encoding="utf-8")
    assert call("prep", source, "--out", out)[0] == 3
    assert not list(out.glob("*.h5")) and table(out) == {"a.mp4": "corrupt"}


def test_an_entry_that_is_put_right_is_no_other_video(tmp_path: Path) -> None:
    table, film = tmp_path / "meta_data.csv", tmp_path / "film.mp4"
    table.write_text("path", encoding="utf-8")
    film.write_bytes(b"film")
    faulty = VideoInfo(
        id="film.mp4", path=str(table), fault="line 2: race 'Asia' is not one of FakeAVCeleb's"
    )
    right = VideoInfo(id="film.mp4", path=str(film))
    refuse_other_file(faulty, right, None, tmp_path)
    refuse_other_file(right, faulty, None, tmp_path)
