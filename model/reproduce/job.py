"""Carrying out a plan: train what is not trained, score what is not scored. Resumable at any point."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.cache.files.digest import file_sha256
from avdf.cache.stream.index import index_folder, list_shard_videos
from avdf.cache.stream.order import epoch_batches
from avdf.cache.stream.windows import scoring_windows
from avdf.model.bench.rates import measure_rates
from avdf.model.evaluation.kinds import type_of
from avdf.model.evaluation.verdict_metrics import measure_verdict
from avdf.model.protocols import assign
from avdf.model.protocols.kodf import DRAWS
from avdf.model.report.evidence import evidence_in
from avdf.model.report.material import ReportMaterial
from avdf.model.report.score_folder import write_scores
from avdf.model.reproduce.plan import FAKEAVCELEB, KODF, Plan, RunSpec, ScoreSpec
from avdf.model.reproduce.same import check_same
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.options import ScoringOptions
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.scoring.scorer import score_shards
from avdf.model.training.progress import TrainProgress
from avdf.model.training.trainer import train
from avdf.model.training.training_set import load_training_set

METRICS, DISTANCES, DRAWN, DONE = "metrics.json", "distances.npz", "draws.json", "done.json"

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Workplace:
    """Where things are.

    runs  finished runs that are taken as they are, by the name of the row
    note  on the data, to stand below every table
    """

    folder: Path
    shards: Mapping[str, Path]  # by dataset
    settings: tuple[str, ...] = ()
    config: Path | None = None
    runs: Mapping[str, Path] = field(default_factory=dict)
    note: str = ""

    def run_folder(self, name: str) -> Path:
        return self.runs.get(name, self.folder / "runs" / name)

    def score_folder(self, spec: ScoreSpec) -> Path:
        return self.folder / "scores" / spec.name

    def config_of(self, spec: RunSpec) -> RunConfig:
        """The row's own settings have the last word."""
        return load_config(self.config, [*self.settings, *spec.settings])


@dataclass(frozen=True)
class Cost:
    """Of one step of the plan: segments still to go through the model, and seconds at the measured rates."""

    name: str
    segments: int
    seconds: float
    done: bool


def check(plan: Plan, place: Workplace) -> None:
    """Refuse, before anything is done, runs that are there and are not what their rows are about.

    Raises:
        SettingsError: such a run, or a given one that is not there.
    """
    for spec in plan.runs:
        folder, given = RunFolder(place.run_folder(spec.name)), spec.name in place.runs
        if folder.config.is_file():
            check_same(spec, folder, place.config_of(spec), place.shards[FAKEAVCELEB], given)
        elif given:
            raise SettingsError(f"{folder.path}: no run here; train it, or leave it out of --run")


def costs(
    plan: Plan, place: Workplace, tell: Tell = lambda _name, _done, _all: None
) -> tuple[Cost, ...]:
    """What is to be done, and how long it takes on this machine, from a few measured steps; `tell` reports them.

    Raises:
        SettingsError, ShardError: a dataset cannot serve the plan.
    """
    shards = place.shards[FAKEAVCELEB]
    todo = {
        f"train {spec.name}": _training_segments(place.config_of(spec), shards)
        for spec in plan.runs
        if not _is_trained(spec, place)
    } | {
        f"score {score.name}": _scoring_segments(score, place)
        for score in plan.scores
        if not _is_scored(score, place)
    }  # fmt: skip
    rates = _rates(plan, place, todo, tell) if todo else {"train": 1.0, "score": 1.0}
    names = [
        *(f"train {spec.name}" for spec in plan.runs),
        *(f"score {score.name}" for score in plan.scores),
    ]
    return tuple(
        Cost(
            name,
            todo.get(name, 0),
            todo.get(name, 0) / rates[name.partition(" ")[0]],
            name not in todo,
        )
        for name in names
    )


def _rates(plan: Plan, place: Workplace, todo: Mapping[str, int], tell: Tell) -> dict[str, float]:
    """Segments per second of training, where something is to be trained, and of scoring."""
    shards, config = place.shards[FAKEAVCELEB], measured_config(plan, place, todo)
    few = min(config.data.batch_size, len(list_shard_videos(shards)))
    few_videos = replace(config, data=replace(config.data, batch_size=few))
    training = any(name.startswith("train ") for name in todo)
    model = f"{config.model.clip} and {config.model.whisper}"
    rates = measure_rates(
        shards,
        few_videos,
        training,
        on_progress=lambda done, of: tell(f"measure {model}", done, of),
    )
    return {"train": rates.training or 1.0, "score": rates.scoring}


def measured_config(plan: Plan, place: Workplace, todo: Mapping[str, int]) -> RunConfig:
    """The configuration of the first run that something is to be done with: its own, where the run is there."""
    wanted = {name.partition(" ")[2] for name in todo if name.startswith("train ")}
    wanted |= {score.run for score in plan.scores if f"score {score.name}" in todo}
    spec = next(spec for spec in plan.runs if spec.name in wanted)
    folder = RunFolder(place.run_folder(spec.name))
    return folder.read_config() if folder.config.is_file() else place.config_of(spec)


def _training_segments(config: RunConfig, shards: Path) -> int:
    data = load_training_set(shards, config)
    identities = [video.info.identity for video in data.train]
    batches = epoch_batches(
        data.labels,
        config.data.batch_size,
        config.data.sampling,
        config.training.seed,
        1,
        identities=identities,
    )
    checked = len(scoring_windows(data.val, config.data.validation_segments))
    return config.training.epochs * (batches.size + checked)


def _scoring_segments(spec: ScoreSpec, place: Workplace) -> int:
    listed = index_folder(place.shards[spec.data])
    found = assign(spec.protocol, listed.infos)
    return len(
        scoring_windows([video for video in listed.videos if found.of(video.info.id) == "test"])
    )


def carry_out(plan: Plan, place: Workplace, tell: Tell = lambda _name, _done, _all: None) -> None:
    """Train and score. What is finished is left alone; what was interrupted goes on."""
    for spec in plan.runs:
        _train(spec, place, tell)
    for score in plan.scores:
        _score(score, place, tell)


def _is_trained(spec: RunSpec, place: Workplace) -> bool:
    folder = RunFolder(place.run_folder(spec.name))
    if not folder.last.with_suffix(".safetensors").is_file():
        return False
    info = read_checkpoint_info(folder.last)
    # a checkpoint within an epoch bears that epoch's number too, but has not been validated yet
    ended = info.epoch == info.config.training.epochs and bool(info.validation)
    return ended and folder.best.with_suffix(".safetensors").is_file()


def _train(spec: RunSpec, place: Workplace, tell: Tell) -> None:
    folder = RunFolder(place.run_folder(spec.name))
    if _is_trained(spec, place):
        return

    def show(now: TrainProgress) -> None:
        tell(f"train {spec.name}", now.step, now.steps)

    begun = folder.has(folder.last)
    train(
        place.shards[FAKEAVCELEB],
        folder.path,
        place.config_of(spec),
        resume=begun,
        on_progress=show,
    )


def _score(spec: ScoreSpec, place: Workplace, tell: Tell) -> None:
    out, shards = place.score_folder(spec), place.shards[spec.data]
    if _is_scored(spec, place):
        return
    run = load_run(place.run_folder(spec.run))
    scores = score_shards(
        run, shards, "test", ScoringOptions(protocol=spec.protocol),
        on_progress=lambda done, of: tell(f"score {spec.name}", done, of),
    )  # fmt: skip
    material = ReportMaterial(f"avdf: {spec.run} on {spec.data}", evidence_of=evidence_in(shards))
    write_scores(out, scores, run, material)
    if spec.data == KODF:
        write_text(out / DRAWN, json.dumps(_draws(scores, run, shards), indent=1))
    with durable_file(out / DISTANCES) as partial, partial.open("wb") as file:
        np.savez(file, **_distances_by_type(scores))  # type: ignore[arg-type]  # its stubs take them for options
    write_text(out / DONE, json.dumps(_mark(spec, place)))


def _is_scored(spec: ScoreSpec, place: Workplace) -> bool:
    done = place.score_folder(spec) / DONE
    weights = RunFolder(place.run_folder(spec.run)).best.with_suffix(".safetensors")
    return (
        weights.is_file()
        and done.is_file()
        and json.loads(done.read_text(encoding="utf-8")) == _mark(spec, place)
    )


def _distances_by_type(scores: ScoredVideos) -> dict[str, npt.NDArray[np.float64]]:
    """Frame-level cosine distances of each type of video, as Fig. 3 shows them."""
    kinds = {video.info.id: type_of(video) for video in scores.scored}
    of_segment = np.array([kinds[segment.id] for segment in scores.segments])
    found = {
        kind: scores.distances[of_segment == kind].ravel()
        for kind in sorted(set(kinds.values()) - {""})
    }
    return {
        kind: values[np.isfinite(values)] for kind, values in found.items()
    }  # silent videos have none


def _mark(spec: ScoreSpec, place: Workplace) -> dict[str, str]:
    """What scores depend on: the checkpoint and the shards."""
    weights = RunFolder(place.run_folder(spec.run)).best.with_suffix(".safetensors")
    names = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(place.shards[spec.data].glob("*.h5"))
    ]
    return {
        "protocol": spec.protocol,
        "checkpoint": file_sha256(weights),
        "shards": hashlib.sha256(repr(names).encode()).hexdigest(),
    }


def _draws(scores: ScoredVideos, run: LoadedRun, shards: Path) -> list[dict[str, object]]:
    """Figures of each of KoDF's ten draws, from the scores of them all."""
    listed = index_folder(shards).infos
    threshold = run.info.thresholds.video
    found: list[dict[str, object]] = []
    for draw in DRAWS:
        assignment = assign(f"kodf-subset/{draw}", listed)
        chosen = [video for video in scores.scored if assignment.of(video.info.id)]
        figures = measure_verdict(chosen, "video", threshold)
        found.append({"protocol": assignment.as_dict(), **figures.as_dict()})
    return found
