"""A decoder that hangs is killed, with the reason."""

import subprocess
import sys

import pytest

from avdf.pipeline.media.watchdog import Watchdog
from avdf.pipeline.settings import Limits

LIMITS = Limits(decode_timeout=100, stall_timeout=10)


def watchdog(rows: int = 0) -> Watchdog:
    found = Watchdog(LIMITS, rows_done=lambda: rows)
    found._started = 0.0
    return found


def test_a_process_within_its_limits_lives_on() -> None:
    assert watchdog()._reason_to_kill(99.0) == ""


def test_a_process_that_runs_too_long_is_killed() -> None:
    assert watchdog()._reason_to_kill(101.0) == "decoding took longer than 100 s"


def test_each_ten_minutes_of_video_allow_more_time() -> None:
    two_begun = watchdog(rows=15_000)
    assert two_begun._reason_to_kill(199.0) == ""
    assert two_begun._reason_to_kill(201.0) == "decoding took longer than 200 s"


def test_a_process_that_lets_its_reader_wait_is_killed() -> None:
    stalled = watchdog()
    stalled._waiting_since = 20.0
    assert stalled._reason_to_kill(29.0) == ""
    assert stalled._reason_to_kill(31.0) == "the decoder gave nothing for 10 s"


def test_a_read_counts_as_waiting_only_while_it_lasts() -> None:
    found = watchdog()
    during = found.waited(lambda: found._waiting_since)
    assert during is not None
    assert found._waiting_since is None


def test_a_read_that_fails_counts_no_longer() -> None:
    found = watchdog()
    with pytest.raises(ZeroDivisionError):
        found.waited(lambda: 1 // 0)
    assert found._waiting_since is None


def test_the_process_is_ended_and_the_reason_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.pipeline.media.watchdog._LOOK_EVERY", 0.01)
    found = Watchdog(Limits(decode_timeout=0.001), rows_done=lambda: 0)
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"]
    ) as process:
        found.watch(process)
    assert process.returncode == -9
    assert found.reason.startswith("decoding took longer")


def test_a_watchdog_that_is_stopped_kills_nothing() -> None:
    found = Watchdog(Limits(decode_timeout=0.001), rows_done=lambda: 0)
    found.stop()
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        found.watch(process)
    assert (process.returncode, found.reason) == (0, "")
