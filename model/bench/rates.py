"""Segments per second here, from a few steps: enough to say how long planned work will take."""

import statistics
from dataclasses import dataclass
from pathlib import Path

from avdf.model.bench.stopwatch import OnProgress, Stopwatch, ignore_progress
from avdf.model.bench.workload import Workload
from avdf.model.runs.config import RunConfig

_STEPS = 3


@dataclass(frozen=True)
class SegmentRates:
    """Segments per second of training (None where it was not measured) and of scoring."""

    training: float | None
    scoring: float


def measure_rates(
    shards: Path,
    config: RunConfig,
    training: bool,
    on_progress: OnProgress = ignore_progress,
) -> SegmentRates:
    """Medians of a few steps over a folder of shards.

    Args:
        training: whether to measure training as well as scoring.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: there are fewer videos than a batch holds.
    """
    workload = Workload(shards, config)
    planned = 2 * _STEPS if training else _STEPS
    stopwatch = Stopwatch(workload.device, on_progress, planned)
    # Reported before the first step, which can take long: it loads and compiles.
    on_progress(0, planned)
    # A median, since a single slow step would make days of a plan of hours.
    size = config.data.batch_size
    train_rate = None
    if training:
        step = workload.training_step(fast=True)
        train_rate = size / statistics.median(
            workload.time_stream(step, _STEPS, stopwatch)
        )
    forward = workload.forward_pass(fast=True)
    score_rate = size / statistics.median(
        workload.time_stream(forward, _STEPS, stopwatch)
    )
    return SegmentRates(train_rate, score_rate)
