"""One file at a time is scored; a file that fails or is cancelled never stops the others."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import AvdfError, RunError
from avdf.cli.page.job_queue import JobQueue
from avdf.cli.page.messages import Detector, ScoreFiles
from avdf.cli.page.worker import Worker
from tests.helpers.page_server import Client, wait_until
from tests.helpers.scoring_stand_ins import dying, refusing


def test_a_crash_of_scoring_fails_one_file_alone(client: Client, private: Path) -> None:
    crash = client.upload("crash.mp4", b"x").json["number"]
    after = client.upload("after.mp4", b"x").json["number"]
    job = client.wait_for(crash, "failed")
    assert "the scoring process ended unexpectedly (signal 9)" in job["words"]
    assert not (private / f"{crash:04d}").exists()
    assert client.wait_for(after, "done")["verdict"] == "no verdict"


def test_a_failure_is_a_row_with_a_reason(client: Client, private: Path) -> None:
    number = client.upload("fault.mp4", b"x").json["number"]
    job = client.wait_for(number, "failed")
    assert job["words"] == "internal error (ValueError)"
    assert client.get(f"/jobs/{number}/result").status == 404
    assert not (private / f"{number:04d}").exists()


def test_a_file_is_cancelled_while_it_is_scored_and_while_it_waits(
    client: Client, private: Path
) -> None:
    slow = client.upload("slow.mp4", b"x").json["number"]
    waiting = client.upload("waiting.mp4", b"x").json["number"]
    after = client.upload("after.mp4", b"x").json["number"]
    client.wait_for(slow, "scoring")
    assert client.job(waiting)["state"] == "waiting"
    client.ask("POST", f"/jobs/{waiting}/cancel")
    client.ask("POST", f"/jobs/{slow}/cancel")
    assert client.wait_for(after, "done")["verdict"] == "no verdict"
    for number in (slow, waiting):
        assert client.job(number)["state"] == "cancelled"
        assert not (private / f"{number:04d}").exists()


def test_the_list_says_how_far_a_file_is(client: Client) -> None:
    slow = client.upload("slow.mp4", b"x").json["number"]
    client.wait_for(slow, "scoring")
    wait_until(lambda: client.job(slow)["words"] == "reading: 0:30 of 1:02")
    client.ask("DELETE", f"/jobs/{slow}")


def test_a_file_is_removed_while_it_is_scored(client: Client, private: Path) -> None:
    slow = client.upload("slow.mp4", b"x").json["number"]
    client.wait_for(slow, "scoring")
    client.ask("DELETE", f"/jobs/{slow}")
    after = client.upload("after.mp4", b"x").json["number"]
    client.wait_for(after, "done")
    assert slow not in [job["number"] for job in client.get("/jobs").json]
    assert not (private / f"{slow:04d}").exists()


def test_what_has_ended_cannot_be_cancelled(client: Client) -> None:
    number = client.upload("clip.mp4", b"x").json["number"]
    client.wait_for(number, "done")
    client.ask("POST", f"/jobs/{number}/cancel")
    assert client.job(number)["state"] == "done"


@pytest.mark.parametrize(
    ("score_files", "kind", "reason"),
    [
        (refusing, RunError, "nowhere: no run"),
        (dying, AvdfError, "ended unexpectedly"),
    ],
)
def test_a_run_that_cannot_be_loaded_is_an_error_at_once(
    score_files: ScoreFiles, kind: type[Exception], reason: str
) -> None:
    queue = JobQueue(lambda: Worker(score_files, Detector(Path("nowhere"))))
    with pytest.raises(kind, match=reason):
        queue.start()
    queue.close()
