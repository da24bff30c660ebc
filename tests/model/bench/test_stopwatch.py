"""Measuring how long work takes, and reporting how many measurements are done."""

import time

import pytest
import torch

from avdf.model.bench.memory import peak_memory
from avdf.model.bench.stopwatch import Stopwatch

CPU = torch.device("cpu")


@pytest.fixture
def reported() -> list[tuple[int, int]]:
    return []


@pytest.fixture
def stopwatch(reported: list[tuple[int, int]]) -> Stopwatch:
    return Stopwatch(
        CPU, lambda done, planned: reported.append((done, planned)), planned=2
    )


def test_it_gives_the_seconds_of_the_work(
    stopwatch: Stopwatch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter((10.0, 12.5))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    assert stopwatch.time(lambda: None) == 2.5


def test_it_does_the_work_once(stopwatch: Stopwatch) -> None:
    calls: list[int] = []
    stopwatch.time(lambda: calls.append(1))
    assert calls == [1]


def test_it_reports_each_measurement(
    stopwatch: Stopwatch,
    reported: list[tuple[int, int]],
) -> None:
    for _ in range(2):
        stopwatch.time(lambda: None)
    assert reported == [(1, 2), (2, 2)]


def test_it_never_reports_more_than_was_planned(
    stopwatch: Stopwatch,
    reported: list[tuple[int, int]],
) -> None:
    for _ in range(3):
        stopwatch.time(lambda: None)
    assert reported[-1] == (2, 2)


def test_work_that_is_timed_silently_is_not_reported(
    stopwatch: Stopwatch,
    reported: list[tuple[int, int]],
) -> None:
    stopwatch.time_silently(lambda: None)
    assert reported == []


def test_memory_of_the_process_is_in_bytes() -> None:
    # Python with PyTorch takes far more than 10 MB.
    assert peak_memory(CPU) > 10_000_000
