"""How fast training is: beside the machine's matrix products, and beside the plain model."""

import statistics
from dataclasses import dataclass
from pathlib import Path

import torch

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.errors import SettingsError
from avdf.model.bench.arithmetic import count_flops, matrix_rate
from avdf.model.bench.host_syncs import count_host_syncs
from avdf.model.bench.memory import peak_memory
from avdf.model.bench.stopwatch import OnProgress, Stopwatch, ignore_progress
from avdf.model.bench.workload import Workload
from avdf.model.runs.config import RunConfig
from avdf.model.training.device_copy import Labelled


@dataclass(frozen=True)
class TrainBench:
    """Medians of some training steps on one machine.

    A frame is one of the 16 of a segment.

    frames_per_second        training steps on streamed shards
    plain_frames_per_second  the same model in float32 through the libraries' own layers, with its
                             batch in memory
    speedup                  the first by the second
    flops_per_frame          multiplications and additions of a step, by its frames
    flops_per_second         the same, by the time of a step whose batch is in memory
    matmul_flops_per_second  a matrix product of the image encoder's size, in the type of the
                             frozen weights
    matmul_share             flops_per_second by matmul_flops_per_second
    input_ratio              time of a step on streamed shards by that of one in memory
    host_syncs               how often a step would wait for a GPU's values, as `host_syncs` counts
    peak_memory_bytes        of the process or of the GPU, until the plain model starts
    """

    device: str
    precision: str
    compiled: bool
    threads: int
    clip: str
    whisper: str
    batch_size: int
    steps: int
    segments_per_second: float
    frames_per_second: float
    plain_frames_per_second: float
    speedup: float
    flops_per_frame: float
    flops_per_second: float
    matmul_flops_per_second: float
    matmul_share: float
    input_ratio: float
    host_syncs: int
    peak_memory_bytes: int
    weights: str


@dataclass(frozen=True)
class _Measured:
    """Seconds of each step, operations of one step, and the rate of matrix products.

    in_memory  the batch is in memory
    streamed   the batches are read from shards
    plain      the plain model, with the batch in memory
    """

    flops: int
    matrix: float
    in_memory: float
    streamed: float
    plain: float
    peak_memory: int
    host_syncs: int


def bench_train(
    shards: Path,
    config: RunConfig,
    steps: int,
    on_progress: OnProgress = ignore_progress,
) -> TrainBench:
    """Measure training steps over a folder of shards.

    Args:
        steps: of each kind, at least 2.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: fewer than 2 steps, or fewer videos than a batch holds.
    """
    check_steps(steps)
    workload = Workload(shards, config)
    return _as_bench(workload, steps, _measure(workload, steps, on_progress))


def check_steps(steps: int) -> None:
    """Raises SettingsError where so few steps give no median."""
    if steps < 2:
        raise SettingsError(f"{steps} steps cannot be measured; use at least 2")


def _measure(
    workload: Workload,
    steps: int,
    on_progress: OnProgress,
) -> _Measured:
    planned = 3 * steps + 3
    stopwatch = Stopwatch(workload.device, on_progress, planned)
    step = workload.training_step(fast=True)
    batch = workload.read_batch()
    # The count does not depend on the machine, so one step is enough.
    flops = count_flops(lambda: step(batch), stopwatch)
    matrix = [matrix_rate(workload, stopwatch)]
    in_memory: list[float] = []
    streamed: list[float] = []
    # The two kinds of step take turns, so that a slow spell of the machine hits both.
    for share in (steps - steps // 2, steps // 2):
        in_memory += [stopwatch.time(lambda: step(batch)) for _ in range(share)]
        streamed += workload.time_stream(step, share, stopwatch)
        matrix.append(matrix_rate(workload, stopwatch))
    # Read before the plain model starts, which needs more memory than avdf does.
    peak = peak_memory(workload.device)
    waits = _count_waits(workload, batch)
    plain_step = workload.training_step(fast=False)
    plain = [stopwatch.time(lambda: plain_step(batch)) for _ in range(steps + 1)]
    return _Measured(
        flops=flops,
        matrix=statistics.median(matrix),
        in_memory=statistics.median(in_memory),
        streamed=statistics.median(streamed),
        plain=statistics.median(plain[1:]),  # the first one warms up
        peak_memory=peak,
        host_syncs=waits,
    )


def _count_waits(workload: Workload, batch: Labelled) -> int:
    step = workload.gpu_step()
    # The first step creates what is kept: the optimiser's state, constants on the device.
    step(batch)
    return count_host_syncs(lambda: step(batch))


def _as_bench(
    workload: Workload,
    steps: int,
    measured: _Measured,
) -> TrainBench:
    config = workload.config
    frames = config.data.batch_size * SEGMENT_FRAMES
    frames_per_second = frames / measured.streamed
    plain_frames_per_second = frames / measured.plain
    flops_per_second = measured.flops / measured.in_memory
    return TrainBench(
        device=workload.device_name,
        precision=workload.precision,
        compiled=config.training.compile,
        threads=torch.get_num_threads(),
        clip=config.model.clip,
        whisper=config.model.whisper,
        batch_size=config.data.batch_size,
        steps=steps,
        segments_per_second=frames_per_second / SEGMENT_FRAMES,
        frames_per_second=frames_per_second,
        plain_frames_per_second=plain_frames_per_second,
        speedup=frames_per_second / plain_frames_per_second,
        flops_per_frame=measured.flops / frames,
        flops_per_second=flops_per_second,
        matmul_flops_per_second=measured.matrix,
        matmul_share=flops_per_second / measured.matrix,
        host_syncs=measured.host_syncs,
        input_ratio=measured.streamed / measured.in_memory,
        peak_memory_bytes=measured.peak_memory,
        weights=workload.weights,
    )
