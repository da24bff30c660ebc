"""A run's folder: what is where in it, beginning a run, and keeping other processes out."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.errors import RunError
from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.folder_lock import folder_lock
from avdf.cache.files.ownership import claim_folder
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import read_config
from avdf.model.runs.log import read_log


@dataclass(frozen=True)
class RunFolder:
    """The paths of a run: its configuration, logs, curves, table of splits and checkpoints.

    A checkpoint is named without its suffix: it is a `.safetensors` file with a `.json` beside it.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The settings that the run began with."""
        return self.path / "config.json"

    @property
    def log(self) -> Path:
        """One line per step."""
        return self.path / "log.jsonl"

    @property
    def epochs(self) -> Path:
        """One line per validation."""
        return self.path / "epochs.jsonl"

    @property
    def damaged(self) -> Path:
        """One line for each window that could not be read."""
        return self.path / "damaged.jsonl"

    @property
    def protocol(self) -> Path:
        """The split of each video, `train`, `val` or `test`: a table with the columns id, split."""
        return self.path / "protocol.csv"

    @property
    def curves(self) -> Path:
        """Losses, learning rate, distances and validation as an image."""
        return self.path / "curves.svg"

    @property
    def tensorboard(self) -> Path:
        """Folder for the events of TensorBoard."""
        return self.path / "tensorboard"

    @property
    def best(self) -> Path:
        """The checkpoint of the best epoch on the validation videos."""
        return self.path / "best"

    @property
    def last(self) -> Path:
        """The checkpoint that a resumed run goes on from."""
        return self.path / "last"

    def of_epoch(self, epoch: int) -> Path:
        """The checkpoint of an epoch, where each one is kept."""
        return self.path / f"epoch-{epoch:02d}"

    @property
    def written(self) -> tuple[str, ...]:
        """Names, or patterns of names, of the files that training writes whole or not at all."""
        # Used to remove what a killed run left half-written, so each name must be known here.
        checkpoints = [
            f"{path.name}.{suffix}"
            for path in (self.best, self.last)
            for suffix in ("safetensors", "json")
        ]
        others = (
            self.config,
            self.log,
            self.epochs,
            self.damaged,
            self.protocol,
            self.curves,
        )
        return (*checkpoints, "epoch-*", *(path.name for path in others))

    def create(self, config: RunConfig) -> None:
        """Begin a new run. A run that was interrupted before its first checkpoint begins anew.

        Raises:
            RunError: there is a run already, or the folder cannot be written.
            SettingsError: the folder holds something else.
        """
        if self.has(self.last) or self.has(self.best):
            raise RunError(
                f"{self.path} holds a run already; resume it, or use another output folder"
            )
        try:
            # Marked as a run's folder before anything is in it: other commands then refuse it as
            # output.
            claim_folder(self.path, "run")
            # An early interruption can leave logs without a checkpoint: they are emptied.
            self.forget_after(0)
            write_text(self.config, json.dumps(config.as_dict(), indent=1))
        except OSError as error:
            raise RunError(f"cannot write to {self.path}: {error.strerror}") from None

    def extend(self, config: RunConfig) -> None:
        """Keep the configuration of a run that is resumed with more epochs.

        Raises:
            RunError: the folder cannot be written.
        """
        try:
            write_text(self.config, json.dumps(config.as_dict(), indent=1))
        except OSError as error:
            raise RunError(f"cannot write to {self.path}: {error.strerror}") from None

    @staticmethod
    def has(checkpoint: Path) -> bool:
        """Whether a checkpoint (`best` or `last`) was written."""
        return checkpoint.with_suffix(".safetensors").is_file()

    def check_resumable(self) -> None:
        """Refuse to resume where there is no checkpoint: a run never begins anew unasked.

        Raises:
            RunError: there is no checkpoint `last`.
        """
        if self.has(self.last):
            return
        # A folder with a checkpoint `best` is never overwritten, so it cannot begin anew.
        advice = (
            ", in another output folder" if self.has(self.best) else " to begin anew"
        )
        raise RunError(
            f"{self.path}: no checkpoint `last` to continue from; train without resume{advice}"
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training in this folder: logs and checkpoints would mix.

        Raises:
            RunError: another process trains here, or the folder cannot be written.
        """
        busy = RunError(
            f"another process is training in {self.path}; wait for it, or use another output folder"
        )
        with ExitStack() as held:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                held.enter_context(folder_lock(self.path, busy))
            except OSError as error:
                raise RunError(
                    f"cannot write to {self.path}: {error.strerror}"
                ) from None
            yield

    def read_config(self) -> RunConfig:
        """The configuration of the run.

        Raises:
            RunError: there is no run.
            SettingsError: the configuration cannot be read.
        """
        if not self.config.is_file():
            raise RunError(
                f"{self.path}: no run here (no config.json); "
                "train one with `avdf train SHARDS --out ...`"
            )
        return read_config(self.config)

    def forget_after(self, step: int) -> None:
        """Cut the logs back to a step: that of the checkpoint from which a killed run goes on."""
        # The steps after the checkpoint will be taken again, and logged again.
        for path in filter(Path.exists, (self.log, self.epochs, self.damaged)):
            kept = [line for line in read_log(path) if line["step"] <= step]
            write_text(path, "".join(json.dumps(line) + "\n" for line in kept))
