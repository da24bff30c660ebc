"""`avdf.run_demo`: a small synthetic dataset, prepared, trained on, and scored on unseen faces."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from avdf.arguments import (
    as_path,
    at_least,
    between,
    check_fields,
    check_listener,
    check_options,
    take_settings,
)
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import SettingsError
from avdf.cache.files.ownership import claim_folder
from avdf.cache.machine.cores import check_worker_count
from avdf.demo_pairs import generate_demo_pairs, pairs_manifest
from avdf.demo_result import DemoResult
from avdf.events import Event, Note, OnEvent, Progress, Stage, ignore
from avdf.model.config import LARGEST_SEED
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.presets import BACKBONES
from avdf.pipeline.synthetic import generate_fakeavceleb
from avdf.preparing import PrepareOptions, prepare
from avdf.runs import load
from avdf.sources import AnyPath
from avdf.training import TrainOptions, train

# The preset `demo`, and a schedule that is short enough to watch.
DEMO_SETTINGS = (
    *(f"model.{name}={value}" for name, value in BACKBONES["demo"].items()),
    "training.learning_rate=4e-3",
    "training.epochs=9",
    "training.decay_epoch=8",
    "data.validation_segments=1",
)
# With the paper's matching loss and its prompt token, synchrony is not learned. Apart from the
# above, because the paper's tables are made with the paper's loss on synthetic videos too.
SYNC_SETTINGS = ("training.matching=infonce", "model.align_from=class")
# Videos below the first are too short for a segment in every one of their variants.
LEAST_SECONDS, MOST_SECONDS = 0.7, 600.0


@dataclass(frozen=True)
class DemoOptions:
    """How large the demo is.

    identities  synthetic persons in each of 5 groups x 2 genders, with 8 videos each
    seconds     length of each video
    seed        of the synthetic faces and of training
    backbones   `demo`: small, shipped with avdf; `paper`: CLIP and Whisper
    settings    `section.key=value` strings for training
    workers     processes; 0: one for each core

    Raises:
        SettingsError: a value that cannot be used.
    """

    identities: Annotated[int, at_least(1)] = 3
    seconds: Annotated[float, between(LEAST_SECONDS, MOST_SECONDS)] = 1.8
    seed: Annotated[int, between(0, LARGEST_SEED)] = 0
    backbones: Literal["demo", "paper"] = "demo"
    settings: tuple[str, ...] = ()
    workers: int = 0

    def __post_init__(self) -> None:
        take_settings(self)
        check_fields(self)
        # Checks the settings: a wrong one would otherwise be found only when the shards are ready.
        self.training()
        check_worker_count(self.workers)

    def training(self, resume: bool = False) -> TrainOptions:
        """How the demo's detector is trained."""
        if resume:
            # A resumed run goes on with its own configuration and refuses others.
            return TrainOptions(resume=True)
        # Later settings win: the user's come last.
        small = self.backbones == "demo"
        demo = (*DEMO_SETTINGS, *SYNC_SETTINGS) if small else ()
        return TrainOptions(
            settings=(*demo, f"training.seed={self.seed}", *self.settings)
        )


def run_demo(
    out: AnyPath, options: DemoOptions = DemoOptions(), on_event: OnEvent = ignore
) -> DemoResult:
    """Generate videos, prepare them, train on them and score them. Needs no download, no network.

    The detector is also tried on pairs of picture and sound that may not belong together. Called
    again, it continues where it was interrupted.

    Args:
        out: folder for the dataset, the pairs, the shards, the run and the scores.

    Raises:
        SettingsError: `out` holds something else, a finished demo, or one with other settings.
    """
    check_options(options, DemoOptions)
    check_listener(on_event)
    folder, started = as_path(out, "out"), time.monotonic()
    # Refusals first: nothing is written into a folder that holds something else.
    training = _begin(folder, options)
    # Each stage leaves alone what it finished before.
    generate_missing(folder, options, on_event)
    dataset, pairs = folder / "dataset", pairs_manifest(folder / "pairs")
    prepare_dataset(dataset, folder / "shards", options.workers, on_event)
    prepare_dataset(pairs, folder / "pairs-shards", options.workers, on_event)
    train(folder / "shards", folder / "run", training, without_notes(on_event))

    run = load(folder / "run")
    scored = run.score(folder / "shards", out=folder / "scores")
    paired = run.score(folder / "pairs-shards", out=folder / "pairs-scores")
    return DemoResult(
        folder=folder,
        evaluation=scored.evaluation,
        seconds=time.monotonic() - started,
        config=run.info.config,
        sync=paired.evaluation.sync,
        sync_note=paired.judgement.sync.note,
    )


def _begin(folder: Path, options: DemoOptions) -> TrainOptions:
    """How to train in this folder: from the start, or from where it was interrupted."""
    report = folder / "scores" / "report.html"
    written_last = folder / "pairs-scores" / "report.html"
    if written_last.exists():
        raise SettingsError(
            f"{folder} holds a demo already; look at {report} and {written_last}, "
            "or give another output folder"
        )
    claim_folder(folder, "demo")
    run = RunFolder(folder / "run")
    # A run with other settings would go on silently with the old ones, and the user would read
    # figures of a model that was not asked for.
    begun = run.has(run.last)
    if begun and run.read_config() != options.training().run_config():
        raise SettingsError(
            f"{folder} was begun with other settings; use those, or another output folder"
        )
    return options.training(resume=begun)


def generate_missing(folder: Path, options: DemoOptions, on_event: OnEvent) -> None:
    """The dataset and the pairs, unless they are there: the table of each is written last."""
    dataset, pairs = folder / "dataset", folder / "pairs"
    if not (dataset / "meta_data.csv").exists():
        generate_dataset(dataset, options, on_event)
    if not pairs_manifest(pairs).exists():
        generate_demo_pairs(pairs, options.seed, options.workers, on_event)


def generate_dataset(root: Path, options: DemoOptions, on_event: OnEvent) -> None:
    """A small synthetic dataset in the layout of FakeAVCeleb."""

    def show(done: int, total: int) -> None:
        on_event(Progress("generate", done, total, "persons"))

    videos = generate_fakeavceleb(
        root, options.identities, options.seconds, options.seed, options.workers, show
    )
    on_event(
        Stage(
            f"generated {counted(videos, 'video')} of talking faces in FakeAVCeleb's layout: {root}"
        )
    )


def prepare_dataset(
    dataset: Path, shards: Path, workers: int, on_event: OnEvent
) -> None:
    """Prepare a synthetic dataset with the default options."""
    options = PrepareOptions(workers=workers)
    result = prepare(dataset, shards, options, without_notes(on_event))
    prepared = result.statuses.get("ok", 0)
    on_event(
        Stage(f"prepared {prepared} of {counted(len(result.rows), 'video')}: {shards}")
    )


def without_notes(on_event: OnEvent) -> OnEvent:
    """The same listener, to which only progress is reported."""

    def show(event: Event) -> None:
        if not isinstance(event, Note):
            on_event(event)

    return show
