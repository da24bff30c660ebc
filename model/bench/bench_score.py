"""How fast scoring is: beside the machine's matrix products, and beside the plain model."""

import statistics
from dataclasses import dataclass
from pathlib import Path

import torch

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.model.bench.arithmetic import count_flops, matrix_rate
from avdf.model.bench.bench_train import check_steps
from avdf.model.bench.stopwatch import OnProgress, Stopwatch, ignore_progress
from avdf.model.bench.workload import Workload
from avdf.model.runs.config import RunConfig


@dataclass(frozen=True)
class ScoreBench:
    """Medians of some forward passes on one machine; the fields are those of `TrainBench`.

    times_real_time  seconds of video that are scored in one second
    """

    device: str
    precision: str
    threads: int
    clip: str
    whisper: str
    batch_size: int
    frames_per_second: float
    plain_frames_per_second: float
    speedup: float
    times_real_time: float
    flops_per_second: float
    matmul_flops_per_second: float
    matmul_share: float
    weights: str


def bench_score(
    shards: Path,
    config: RunConfig,
    steps: int,
    on_progress: OnProgress = ignore_progress,
) -> ScoreBench:
    """Measure forward passes over a folder of shards. Arguments and errors as of `bench_train`."""
    check_steps(steps)
    workload = Workload(shards, config)
    planned = 2 * steps + 3
    stopwatch = Stopwatch(workload.device, on_progress, planned)
    forward = workload.forward_pass(fast=True)
    batch = workload.read_batch()
    # The count is exact and does not depend on the machine, so one pass is enough.
    flops = count_flops(lambda: forward(batch), stopwatch)
    # Before and after the steps, so that a slow spell of the machine shows in both.
    matrix = [matrix_rate(workload, stopwatch)]
    streamed = workload.time_stream(forward, steps, stopwatch)
    matrix.append(matrix_rate(workload, stopwatch))
    # The plain model last, so that its memory does not slow down what is measured before.
    plain_forward = workload.forward_pass(fast=False)
    plain = [stopwatch.time(lambda: plain_forward(batch)) for _ in range(steps + 1)]
    seconds = statistics.median(streamed)
    plain_seconds = statistics.median(plain[1:])  # the first one warms up
    frames = config.data.batch_size * SEGMENT_FRAMES
    matmul_flops_per_second = statistics.median(matrix)
    return ScoreBench(
        device=workload.device_name,
        precision=workload.precision,
        threads=torch.get_num_threads(),
        clip=config.model.clip,
        whisper=config.model.whisper,
        batch_size=config.data.batch_size,
        frames_per_second=frames / seconds,
        plain_frames_per_second=frames / plain_seconds,
        speedup=plain_seconds / seconds,
        times_real_time=frames / seconds / FRAME_RATE,
        flops_per_second=flops / seconds,
        matmul_flops_per_second=matmul_flops_per_second,
        matmul_share=flops / seconds / matmul_flops_per_second,
        weights=workload.weights,
    )
