"""How long the unfinished experiments take on this machine."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avdf.cache.stream.index import index_folder, list_shard_videos
from avdf.cache.stream.windows import scoring_windows
from avdf.model.bench.rates import SegmentRates, measure_rates
from avdf.model.protocols import assign
from avdf.model.reproduce.experiments import (
    FAKEAVCELEB,
    Experiments,
    RunSpec,
    ScoreSpec,
)
from avdf.model.reproduce.finished import is_scored, is_trained
from avdf.model.reproduce.workspace import Workspace
from avdf.model.runs.config import RunConfig
from avdf.model.training.training_set import load_training_set

# The name of a step, how much of it is done, and how much there is.
OnProgress = Callable[[str, int, int], None]


def ignore_progress(_name: str, _done: int, _all: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Cost:
    """What one step costs: segments that the model has to process, and seconds for them."""

    name: str
    segments: int
    seconds: float
    done: bool


@dataclass(frozen=True)
class _Unfinished:
    """Segments of the steps of a workspace that are not finished, by the names of the steps."""

    workspace: Workspace
    training: Mapping[str, int]
    scoring: Mapping[str, int]


def estimate_costs(
    experiments: Experiments,
    workspaces: Sequence[Workspace],
    on_progress: OnProgress = ignore_progress,
) -> tuple[Cost, ...]:
    """The cost of each step, from a few training and scoring steps that are measured here.

    Args:
        workspaces: one for each seed.

    Raises:
        SettingsError, ShardError: a dataset cannot be used for the experiments.
    """
    every = [_find_unfinished(experiments, workspace) for workspace in workspaces]
    # Nothing to do takes no time at any speed: any rate except 0 will serve.
    rates = SegmentRates(training=None, scoring=1.0)
    todo = [one for one in every if one.training or one.scoring]
    if todo:
        # All seeds have the same model: one measurement stands for them.
        first = todo[0]
        config = measured_config(
            experiments, first.workspace, {*first.training, *first.scoring}
        )
        trains = any(one.training for one in todo)
        shards = first.workspace.shards[FAKEAVCELEB]
        rates = _measure(shards, config, trains, on_progress)
    costs = []
    for one in every:
        costs += _costs(
            one.workspace, experiments.runs, one.training, rates.training or 1.0
        )
        costs += _costs(one.workspace, experiments.scores, one.scoring, rates.scoring)
    return tuple(costs)


def _find_unfinished(experiments: Experiments, workspace: Workspace) -> _Unfinished:
    # Only what is not finished costs anything. A resumed reproduction has less to do.
    shards = workspace.shards[FAKEAVCELEB]
    training = {
        spec.step: _training_segments(workspace.config_of(spec), shards)
        for spec in experiments.runs
        if not is_trained(spec, workspace)
    }
    scoring = {
        spec.step: _scoring_segments(spec, workspace)
        for spec in experiments.scores
        if not is_scored(spec, workspace)
    }
    return _Unfinished(workspace, training, scoring)


def measured_config(
    experiments: Experiments, workspace: Workspace, unfinished: Collection[str]
) -> RunConfig:
    """The configuration to measure with: that of the first run that an unfinished step needs.

    Args:
        unfinished: names of steps.
    """
    # All rows have about the same model, so one measurement stands for all of them.
    runs = {spec.name for spec in experiments.runs if spec.step in unfinished}
    runs |= {spec.run for spec in experiments.scores if spec.step in unfinished}
    first = next(spec for spec in experiments.runs if spec.name in runs)
    folder = workspace.run_folder(first.name)
    # A run that was given may have another model than the settings of this call.
    if folder.config.is_file():
        return folder.read_config()
    return workspace.config_of(first)


def _measure(
    shards: Path, config: RunConfig, training: bool, on_progress: OnProgress
) -> SegmentRates:
    # A small dataset may have fewer videos than a batch, which a measurement needs.
    size = min(config.data.batch_size, len(list_shard_videos(shards)))
    config = replace(config, data=replace(config.data, batch_size=size))
    step = f"measure {config.model.clip} and {config.model.whisper}"

    def report(done: int, planned: int) -> None:
        on_progress(step, done, planned)

    return measure_rates(shards, config, training, report)


def _costs(
    workspace: Workspace,
    specs: Sequence[RunSpec | ScoreSpec],
    unfinished: Mapping[str, int],
    rate: float,
) -> list[Cost]:
    costs = []
    for spec in specs:
        segments = unfinished.get(spec.step, 0)
        done = spec.step not in unfinished
        cost = Cost(
            name=workspace.step_of(spec),
            segments=segments,
            seconds=segments / rate,
            done=done,
        )
        costs.append(cost)
    return costs


def _training_segments(config: RunConfig, shards: Path) -> int:
    """Segments of all epochs, those of validation included."""
    data = load_training_set(shards, config)
    # All epochs have equally many batches, so the first one is counted for all.
    trained = data.batches(config, epoch=1).size
    validated = len(scoring_windows(data.val, config.data.validation_segments))
    return config.training.epochs * (trained + validated)


def _scoring_segments(spec: ScoreSpec, workspace: Workspace) -> int:
    """Segments of the test videos."""
    # Protocols assign all inputs, but only prepared videos have segments to score.
    listed = index_folder(workspace.shards[spec.data])
    assignment = assign(spec.protocol, listed.infos)
    test = [video for video in listed.videos if assignment.of(video.info.id) == "test"]
    return len(scoring_windows(test))
