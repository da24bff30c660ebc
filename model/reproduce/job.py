"""Carrying out experiments: train what is not trained, score what is not scored.

The job can be interrupted at any time: started again, it leaves alone what is finished and goes on
with what is not.
"""

import json
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import write_text
from avdf.cache.stream.index import index_folder
from avdf.model.evaluation.verdict_metrics import measure_verdict
from avdf.model.protocols import assign
from avdf.model.protocols.kodf import DRAWS
from avdf.model.report.evidence import evidence_in
from avdf.model.report.material import ReportMaterial
from avdf.model.report.score_folder import write_scores
from avdf.model.reproduce.comparison import compare_by_type, write_comparison
from avdf.model.reproduce.costs import OnProgress, ignore_progress
from avdf.model.reproduce.experiments import (
    FAKEAVCELEB,
    KODF,
    Experiments,
    RunSpec,
    ScoreSpec,
)
from avdf.model.reproduce.finished import is_scored, is_trained, mark_as_scored
from avdf.model.reproduce.matching_run import check_run_matches
from avdf.model.reproduce.workspace import DISTANCES_FILE, DRAWS_FILE, Workspace
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.scoring.scorer import score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.training.progress import TrainProgress
from avdf.model.training.start import train


def check_runs(experiments: Experiments, workspace: Workspace) -> None:
    """Refuse, before any work, runs that are there and do not match their rows.

    Raises:
        SettingsError: a run does not match its row, or a run that was given does not exist.
    """
    for spec in experiments.runs:
        # Training takes days: a run that does not fit its row is refused before the first step.
        folder = workspace.run_folder(spec.name)
        given = spec.name in workspace.runs
        if folder.config.is_file():
            shards = workspace.shards[FAKEAVCELEB]
            check_run_matches(
                spec,
                folder,
                workspace.config_of(spec),
                shards,
                given,
            )
        elif given:
            raise SettingsError(
                f"{folder.path}: no run here; train it, or do not give it"
            )


def run_experiments(
    experiments: Experiments,
    workspace: Workspace,
    on_progress: OnProgress = ignore_progress,
) -> None:
    """Train the runs, then score them.

    Args:
        on_progress: called with the name of the step at work, what is done of it, and all of it.

    Raises:
        RunError, ShardError, SettingsError, WeightsError: as for training and scoring.
    """
    # All runs first: a score needs its run, and one run can be scored on several datasets.
    for run in experiments.runs:
        if not is_trained(run, workspace):
            _train(run, workspace, on_progress)
    for score in experiments.scores:
        if not is_scored(score, workspace):
            _score(score, workspace, on_progress)


def _train(
    spec: RunSpec,
    workspace: Workspace,
    on_progress: OnProgress,
) -> None:
    folder = workspace.run_folder(spec.name)

    def report(progress: TrainProgress) -> None:
        on_progress(workspace.step_of(spec), progress.step, progress.steps)

    train(
        workspace.shards[FAKEAVCELEB],
        folder.path,
        workspace.config_of(spec),
        # A run that was interrupted goes on from its last checkpoint.
        resume=folder.has(folder.last),
        on_progress=report,
    )


def _score(
    spec: ScoreSpec,
    workspace: Workspace,
    on_progress: OnProgress,
) -> None:
    out = workspace.score_folder(spec)
    shards = workspace.shards[spec.data]
    run = load_run(workspace.run_folder(spec.run).path)

    def report(done: int, planned: int) -> None:
        on_progress(workspace.step_of(spec), done, planned)

    settings = ScorerSettings(protocol=spec.protocol)
    scores = score_shards(run, shards, "test", settings, on_progress=report)
    material = ReportMaterial(
        f"avdf: {spec.run} on {spec.data}", evidence_of=evidence_in(shards)
    )
    write_scores(out, scores, run, material)
    if spec.data == KODF:
        # Every video of all subsets is scored once. A subset then only selects rows.
        draws = _measure_draws(scores, run, shards)
        write_text(out / DRAWS_FILE, json.dumps(draws, indent=1))
    write_comparison(out / DISTANCES_FILE, compare_by_type(scores))
    # Last: an interruption before this line means that the scores are made again.
    mark_as_scored(spec, workspace)


def _measure_draws(
    scores: ScoredVideos, run: LoadedRun, shards: Path
) -> list[dict[str, object]]:
    """Metrics of each of KoDF's ten random subsets, from scores of all of their videos."""
    infos = index_folder(shards).infos
    found: list[dict[str, object]] = []
    for draw in DRAWS:
        assignment = assign(f"kodf-subset/{draw}", infos)
        chosen = [video for video in scores.scored if assignment.of(video.info.id)]
        metrics = measure_verdict(chosen, "video", run.info.thresholds.video)
        found.append({"protocol": assignment.as_dict(), **metrics.as_dict()})
    return found
