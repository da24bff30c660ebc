"""`avdf.train`: shards to a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from avdf.arguments import (
    as_path,
    as_source,
    check_fields,
    check_listener,
    check_options,
    take_settings,
)
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import SettingsError
from avdf.cache.shards.mirror import shard_folder
from avdf.events import Note, OnEvent, Progress, ignore
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder
from avdf.model.training import start
from avdf.model.training.progress import TrainingOutcome, TrainProgress
from avdf.result_text import describe_validation
from avdf.sources import AnyPath

_OWN_CONFIGURATION = (
    "a resumed run continues with its own configuration; "
    "leave out resume, or config, settings (other than training.epochs), backbones and forge"
)
_EPOCHS = "training.epochs"


@dataclass(frozen=True)
class TrainOptions:
    """How a detector is trained; the default is the paper's schedule.

    config       TOML file with the sections model, data, training
    settings     `section.key=value` strings, or a mapping; they come after the file
    backbones    `demo` (small, shipped with avdf) or `paper`: architectures, weights and the widths
                 that go with them; the file and the settings come after it
    resume       continue the run that is in the folder; of the settings only `training.epochs` can
                 be given, which may be more than the run has planned
    start_from   another run: begin with the trainable tensors of its best checkpoint
    tensorboard  also write events to RUN/tensorboard
    forge        put forged copies of genuine windows into every batch: no fake video is needed
                 (docs/generalisation.md). The same as the setting `data.forge=true`

    Raises:
        SettingsError: a setting that is not understood, or one that cannot be beside `resume`.
    """

    config: AnyPath | None = None
    settings: tuple[str, ...] = ()
    backbones: Literal["", "demo", "paper"] = ""
    resume: bool = False
    start_from: AnyPath | None = None
    tensorboard: bool = False
    forge: bool = False

    def __post_init__(self) -> None:
        take_settings(self)
        check_fields(self)
        # Other settings would change a run halfway, and its figures would belong to neither.
        names = [setting.partition("=")[0].strip() for setting in self.settings]
        others = [name for name in names if name != _EPOCHS]
        if self.resume and (self.config or others or self.backbones or self.forge):
            raise SettingsError(_OWN_CONFIGURATION)
        if self.resume and self.start_from is not None:
            raise SettingsError(
                "a resumed run continues from its own checkpoint; leave out resume or start_from"
            )
        # Building the configuration checks it, before shards are opened.
        self.run_config()

    @property
    def epochs(self) -> int | None:
        """With `resume`: the number of epochs that is asked for; None where none is."""
        if not self.resume or not self.settings:
            return None
        return self.run_config().training.epochs

    def run_config(self) -> RunConfig:
        """All settings of the run."""
        path = None if self.config is None else as_path(self.config, "config")
        # First, so that a setting can take it back.
        forge = ("data.forge=true",) if self.forge else ()
        return load_config(path, (*forge, *self.settings), self.backbones)


@dataclass(frozen=True, repr=False)
class TrainingResult:
    """What training came to: `details` holds the best epoch, its thresholds and its validation."""

    folder: Path
    details: TrainingOutcome

    @property
    def epoch(self) -> int:
        """The epoch of the best checkpoint."""
        return self.details.epoch

    @property
    def notes(self) -> tuple[str, ...]:
        """What the run cannot be relied on for."""
        return self.details.notes

    def __repr__(self) -> str:
        validation = describe_validation(self.details.validation)
        return f"best checkpoint: epoch {self.epoch}, validation {validation}; in {self.folder}"

    def __str__(self) -> str:
        data, thresholds = self.details.data, self.details.thresholds
        protocol = data.assignment
        remarks = [
            f"  note on the protocol: {text}"
            for text in (*protocol.shortfall, *protocol.notes)
        ]
        lines = [
            f"{counted(len(data.train), 'video')} to train, {len(data.val)} to validate; protocol "
            f"{protocol.name} ({protocol.title}), sha256 {protocol.sha256[:16]}",
            *remarks,
            repr(self),
            f"threshold for the video verdict: {thresholds.video:.3f} ({thresholds.origin})",
        ]
        return "\n".join(lines)


def train(
    shards: AnyPath,
    out: AnyPath,
    options: TrainOptions = TrainOptions(),
    on_event: OnEvent = ignore,
) -> TrainingResult:
    """Train prompts, projections and heads on frozen CLIP and Whisper.

    In the processes that torchrun starts, all of them train one detector together.

    Args:
        shards: folder made by `prepare`, or the URL of a copy.
        out: folder for the run.

    Raises:
        ShardError: the shards cannot be read.
        RunError: the folder holds a run already, or none that can be resumed.
        SettingsError: these videos cannot train what the settings ask for.
    """

    check_options(options, TrainOptions)
    check_listener(on_event)
    folder = as_path(out, "out")

    told: set[str] = set()

    # The trainer knows nothing of events: here its progress becomes one.
    def show(now: TrainProgress) -> None:
        words = (
            f"epoch {now.epoch} of {now.epochs}, loss {now.loss:.3f}, "
            f"{now.segments_per_second:.1f} segments/s"
        )
        on_event(Progress("train", now.step, now.steps, "steps", words))
        # Filled only after the last step of an epoch.
        if now.validation:
            figures = describe_validation(now.validation)
            on_event(Note(f"epoch {now.epoch}: validation {figures}"))
        # Early, since a run may take hours; once, although it may be true of many epochs.
        for warning in now.warnings:
            if warning not in told:
                told.add(warning)
                on_event(Note(warning))

    result = start.train(
        shard_folder(as_source(shards, "shards")),
        folder,
        options.run_config(),
        resume=options.resume,
        epochs=options.epochs,
        start_from=_run_of(options),
        tensorboard=options.tensorboard,
        on_progress=show,
    )
    return TrainingResult(folder, result)


def _run_of(options: TrainOptions) -> Path | None:
    if options.start_from is None:
        return None
    return as_path(options.start_from, "start_from")


def can_resume(out: AnyPath) -> bool:
    """Whether a run in this folder has a checkpoint to continue from."""
    run = RunFolder(Path(out))
    return run.has(run.last)
