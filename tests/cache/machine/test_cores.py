"""How many cores, threads and worker processes are used."""

import os
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.machine import cores


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Control groups without a limit, on a machine that grants this process 16 of its 64 cores."""
    monkeypatch.setattr(cores, "_CGROUP", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)
    return tmp_path


def write_version_1(container: Path, quota: int, period: int) -> None:
    (container / "cpu").mkdir()
    (container / "cpu" / "cpu.cfs_quota_us").write_text(str(quota), encoding="ascii")
    (container / "cpu" / "cpu.cfs_period_us").write_text(str(period), encoding="ascii")


@pytest.mark.usefixtures("container")
def test_without_a_quota_the_granted_cores_are_used() -> None:
    assert cores.usable_cores() == 16


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("650000 100000\n", 7),
        ("50000 100000\n", 1),
        ("9900000 100000\n", 16),
        ("max 100000\n", 16),
        ("1 0\n", 16),
        ("words\n", 16),
    ],
)
def test_a_quota_of_version_2_limits_the_cores(
    container: Path,
    text: str,
    expected: int,
) -> None:
    (container / "cpu.max").write_text(text, encoding="ascii")
    assert cores.usable_cores() == expected


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        (400_000, 4),
        (-1, 16),
        (0, 16),
    ],
)
def test_a_quota_of_version_1_limits_the_cores(
    container: Path,
    quota: int,
    expected: int,
) -> None:
    write_version_1(container, quota, 100_000)
    assert cores.usable_cores() == expected


@pytest.mark.parametrize(
    ("processes", "expected"),
    [
        ("1", 16),
        ("3", 5),
        ("100", 1),
        ("0", 16),
        ("many", 16),
    ],
)
@pytest.mark.usefixtures("container")
def test_processes_of_torchrun_share_the_cores(
    monkeypatch: pytest.MonkeyPatch,
    processes: str,
    expected: int,
) -> None:
    monkeypatch.setenv("LOCAL_WORLD_SIZE", processes)
    assert cores.threads_per_process() == expected


@pytest.mark.usefixtures("container")
def test_0_workers_are_one_for_each_core() -> None:
    assert cores.worker_count(0) == 16
    assert cores.worker_count(3) == 3


@pytest.mark.parametrize("wanted", [-1, 4097])
def test_a_number_of_workers_that_cannot_be_meant_is_refused(wanted: int) -> None:
    with pytest.raises(SettingsError, match=f"workers {wanted}: use 0"):
        cores.worker_count(wanted)
