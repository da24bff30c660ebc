"""Scoring on a Ray cluster: each job is the segments of one shard, each worker keeps the run loaded."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

from avdf.cache.core.errors import ClusterError
from avdf.cache.machine.ray_jobs import ClusterSettings, Note, run_on_cluster
from avdf.cache.stream.batches import Window
from avdf.model.inference.precision import Precision
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.scorer import score_windows

_MOST_DEATHS = 3  # of workers at one shard

Job = tuple[int, tuple[Window, ...]]


def spread_segments(
    run: LoadedRun,
    windows: Sequence[Window],
    cluster: ClusterSettings,
    checkpoint: str,
    weights: Mapping[str, str],
    device: str = "auto",
    on_progress: Callable[[int], None] = lambda _: None,
) -> SegmentScores:
    """The scores of windows, in their order.

    Args:
        device: of the workers, each of which looks for it on its own machine; the driver's own plays no part.

    Raises:
        ClusterError, SettingsError: see `run_on_cluster`.
    """
    by_shard = [tuple(part) for _, part in groupby(windows, lambda window: window.shard)]
    jobs: list[Job] = list(enumerate(by_shard))
    dtype: Precision | None = None
    if run.computed:
        dtype = "bfloat16" if run.computed.dtype == "bfloat16" else "float32"
    make = partial(_make, run.folder.path.resolve(), checkpoint, device, dict(weights), dtype)
    found: dict[int, SegmentScores] = {}
    done = 0
    for (number, _), scores in run_on_cluster(jobs, make, cluster, _after_death):
        found[number] = scores
        done += len(scores.video)
        on_progress(done)
    return join_segments([found[number] for number in range(len(jobs))])


def _make(
    folder: Path, checkpoint: str, device: str, weights: Mapping[str, str], dtype: Precision | None
) -> Callable[[Job, Note], SegmentScores]:
    """In a worker: load the run once."""
    run = load_run(folder, checkpoint, device, dtype, weights)
    return lambda job, _: score_windows(run, job[1])


def _after_death(job: Job, _: str, deaths: int) -> Job:
    if deaths >= _MOST_DEATHS:
        raise ClusterError(
            f"workers ended {deaths} times at {job[1][0].shard}; is there memory enough for the model?"
        )
    return job
