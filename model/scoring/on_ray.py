"""Scoring on a Ray cluster: a job is the windows of one shard; each worker keeps the run loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from avdf.cache.core.errors import ClusterError
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.machine.ray_actors import SendMessage
from avdf.cache.machine.ray_jobs import run_on_cluster
from avdf.cache.stream.windows import Window
from avdf.model.inference.precision import Precision
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.windows import score_windows

_MOST_DEATHS = 3  # of workers at one shard

Job = tuple[int, tuple[Window, ...]]


@dataclass(frozen=True)
class RayScoring:
    """Scores windows on a cluster, whose workers load the run from its folder.

    checkpoint  that the workers load
    weights     files of the backbones' weights on the workers: `clip_weights`, `whisper_weights`
    device      of the workers, which each looks for on its own machine
    """

    run: LoadedRun
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    checkpoint: str = "best"
    weights: Mapping[str, str] = field(default_factory=dict)
    device: str = "auto"

    def __call__(
        self,
        windows: Sequence[Window],
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> SegmentScores:
        """The scores of windows, in their order; `on_progress` gets the number of windows done.

        Raises:
            ClusterError, SettingsError: see `run_on_cluster`.
        """
        by_shard = groupby(windows, lambda window: window.shard)
        jobs: list[Job] = [
            (number, tuple(own)) for number, (_, own) in enumerate(by_shard)
        ]
        load = partial(
            load_run,
            self.run.folder.path.resolve(),
            self.checkpoint,
            self.device,
            self._precision,
            dict(self.weights),
        )
        found: dict[int, SegmentScores] = {}
        done = 0
        for (number, _), scores in run_on_cluster(
            jobs, partial(_worker, load), self.cluster, _after_death
        ):
            found[number] = scores
            done += len(scores.video)
            on_progress(done)
        return join_segments([found[number] for number in range(len(jobs))])

    @property
    def _precision(self) -> Precision | None:
        """As the run was loaded here: workers that chose for themselves might differ."""
        if self.run.computed is None:
            return None
        return "bfloat16" if self.run.computed.dtype == "bfloat16" else "float32"


def _worker(
    load: Callable[[], LoadedRun],
) -> Callable[[Job, SendMessage], SegmentScores]:
    """In a worker: load the run once, then score the windows of each job."""
    run = load()
    return lambda job, _: score_windows(run, job[1])


def _after_death(
    job: Job,
    _: str,
    deaths: int,
) -> Job:
    if deaths >= _MOST_DEATHS:
        shard = job[1][0].shard
        raise ClusterError(
            f"workers ended {deaths} times at {shard}; is there memory enough for the model?"
        )
    return job
