"""What workers report, and how the job counts it."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import JobError, SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job import worker
from avdf.pipeline.job.device import device_name
from avdf.pipeline.job.message import Message
from avdf.pipeline.job.progress import PrepProgress, ProgressCounter
from avdf.pipeline.job.result import PrepResult
from avdf.pipeline.job.task import PrepTask, ignore_video
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.job.worker import Preparer
from avdf.pipeline.settings import PrepSettings

OK = VideoRow(VideoInfo(id="a", path="a"), "ok", frames=40)
FAILED = VideoRow(VideoInfo(id="b", path="b"), "corrupt")


def test_a_done_task_ends_nothing() -> None:
    Message("done", rows=(OK,)).raise_if_fatal()


def test_a_stop_is_the_jobs_error() -> None:
    with pytest.raises(JobError, match="no space left"):
        Message("stop", reason="no space left").raise_if_fatal()


def test_a_bug_carries_its_traceback_and_where_it_was() -> None:
    with pytest.raises(RuntimeError, match=r"at a\.mp4:\nTraceback"):
        Message("bug", reason="Traceback ...").raise_if_fatal("in a worker, at a.mp4")


def test_a_result_counts_statuses_the_most_frequent_first() -> None:
    result = PrepResult(Path("out"), (FAILED, OK, OK), new=3)
    assert list(result.statuses.items()) == [("ok", 2), ("corrupt", 1)]
    assert result.failed == (FAILED,)


def test_progress_is_reported_after_each_video_and_each_task() -> None:
    reports: list[PrepProgress] = []
    counter = ProgressCounter(2, reports.append)
    counter.begin("a")
    counter.begin("b")
    counter.finish((OK, FAILED))
    assert reports == [
        PrepProgress(videos=2, begun=1, failed=0, frames=0),
        PrepProgress(videos=2, begun=2, failed=0, frames=0),
        PrepProgress(videos=2, begun=2, failed=1, frames=40),
    ]


def test_a_video_that_is_begun_twice_counts_once() -> None:
    reports: list[PrepProgress] = []
    counter = ProgressCounter(2, reports.append)
    counter.begin("a")
    counter.begin("a")
    assert reports[-1].begun == 1


def test_a_video_that_is_given_up_is_kept_in_the_next_try(tmp_path: Path) -> None:
    task = PrepTask(0, (OK.info,), tmp_path / "shard-00000.h5", PrepSettings())
    assert task.give_up("a", "killed").given_up == (("a", "killed"),)
    assert task.given_up == ()


# A worker's answers


def answer(error: Exception, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Message:
    """What a worker says when a task ends with an error."""

    def fail(*_: object) -> None:
        raise error

    def no_detector(*_: object) -> None:
        return None

    monkeypatch.setattr(worker, "FaceDetector", no_detector)
    monkeypatch.setattr(worker, "run_task", fail)
    task = PrepTask(0, (), folder / "shard-00000.h5", PrepSettings())
    return Preparer().attempt(task, ignore_video)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(28, "No space left on device", "/out"),
            "no space left (/out); free some",
        ),
        (OSError(122, "Disk quota exceeded"), "no space left; free some"),
        (
            OSError(5, "Input/output error"),
            "cannot write the shard: Input/output error",
        ),
    ],
)
def test_output_that_cannot_be_written_stops_the_job(
    error: OSError,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    message = answer(error, monkeypatch, tmp_path)
    assert message.kind == "stop"
    assert message.reason.startswith(words)


def test_any_other_error_is_a_bug(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    message = answer(ZeroDivisionError("oops"), monkeypatch, tmp_path)
    assert message.kind == "bug"
    assert "ZeroDivisionError: oops" in message.reason


def test_a_parent_that_is_gone_ends_the_worker(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with pytest.raises(BrokenPipeError):
        answer(BrokenPipeError(), monkeypatch, tmp_path)


def test_a_task_of_videos_that_were_given_up_writes_no_shard(
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    shard = tmp_path / "shard-00000.h5"
    task = PrepTask(0, (OK.info,), shard, PrepSettings()).give_up("a", "killed")
    (row,) = worker.run_task(task, detector, ignore_video)
    assert (row.status, row.reason) == ("crashed", "killed")
    assert not shard.exists()


# Devices


@pytest.mark.parametrize(
    ("device", "here"),
    [
        ("cpu", True),
        ("cpu", False),
        ("cuda", False),
    ],
)
def test_a_device_that_needs_no_check_is_taken_as_it_is(
    device: str,
    here: bool,
) -> None:
    assert device_name(device, here) == device


def test_a_cluster_refuses_a_numbered_device() -> None:
    with pytest.raises(SettingsError, match="workers of a cluster use cpu or cuda"):
        device_name("cuda:1", here=False)
