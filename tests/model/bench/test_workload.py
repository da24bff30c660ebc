"""What the benchmarks run: batches of a folder of shards, with weights that need no download."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from avdf.cache.core.errors import SettingsError
from avdf.model.bench.arithmetic import count_flops, matrix_rate
from avdf.model.bench.host_syncs import count_host_syncs
from avdf.model.bench.rates import measure_rates
from avdf.model.bench.stopwatch import Stopwatch, ignore_progress
from avdf.model.bench.workload import Workload
from avdf.model.runs.config import RunConfig

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def workload(shards: Path, tiny_config: RunConfig) -> Workload:
    return Workload(shards, tiny_config)


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch(CPU, ignore_progress, planned=1)


def test_weights_that_need_a_download_are_replaced(
    shards: Path,
    tiny_config: RunConfig,
) -> None:
    model = replace(tiny_config.model, clip_weights="openai")
    workload = Workload(shards, replace(tiny_config, model=model))
    assert workload.weights == "clip random, whisper demo"


def test_the_device_and_the_precision_are_named(workload: Workload) -> None:
    assert workload.device_name == "cpu"
    assert workload.precision in ("float32", "bfloat16")


def test_a_batch_has_one_window_per_video(workload: Workload) -> None:
    batch, labels = workload.read_batch()
    assert labels.shape == (4, 3)
    assert len({window.video for window in batch.windows}) == 4


def test_fewer_videos_than_a_batch_are_refused(
    shards: Path,
    tiny_config: RunConfig,
) -> None:
    data = replace(tiny_config.data, batch_size=64)
    with pytest.raises(SettingsError, match="18 videos, fewer than a batch of 64"):
        Workload(shards, replace(tiny_config, data=data))


def test_a_training_step_changes_nothing_outside_its_detector(
    workload: Workload,
) -> None:
    batch, labels = workload.read_batch()
    frames = batch.frames.clone()
    workload.training_step(fast=True)((batch, labels))
    assert torch.equal(batch.frames, frames)


def test_a_step_waits_for_nothing_on_a_gpu(workload: Workload) -> None:
    step, labelled = workload.gpu_step(), workload.read_batch()
    step(labelled)
    assert count_host_syncs(lambda: step(labelled)) == 0


def test_each_step_of_a_stream_is_timed(
    workload: Workload,
    stopwatch: Stopwatch,
) -> None:
    sizes: list[int] = []
    seconds = workload.time_stream(
        lambda labelled: sizes.append(len(labelled[0].windows)), 3, stopwatch
    )
    assert len(seconds) == 3
    assert sizes == [4, 4, 4, 4]  # the first batch is not timed


def test_operations_of_a_product_are_counted(stopwatch: Stopwatch) -> None:
    a, b = torch.ones(2, 3), torch.ones(3, 5)
    assert count_flops(lambda: a.matmul(b), stopwatch) == 2 * 2 * 3 * 5


def test_the_rate_of_matrix_products_is_positive(
    workload: Workload,
    stopwatch: Stopwatch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.model.bench.arithmetic._TOKENS", 1)
    assert matrix_rate(workload, stopwatch) > 0


def test_rates_of_scoring_alone_have_no_rate_of_training(
    shards: Path,
    tiny_config: RunConfig,
) -> None:
    reported: list[tuple[int, int]] = []
    rates = measure_rates(
        shards,
        tiny_config,
        training=False,
        on_progress=lambda *now: reported.append(now),
    )
    assert rates.training is None
    assert rates.scoring > 0
    assert reported == [(0, 3), (1, 3), (2, 3), (3, 3)]
