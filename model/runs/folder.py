"""A run's folder: the frozen configuration, the log, the checkpoints `best` and `last`."""

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
    """Where a run keeps what: its configuration, logs, curves, who took part, and the checkpoints `best` and `last`."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "config.json"

    @property
    def log(self) -> Path:
        """A line per step."""
        return self.path / "log.jsonl"

    @property
    def epochs(self) -> Path:
        """A line per validation."""
        return self.path / "epochs.jsonl"

    @property
    def damaged(self) -> Path:
        """A line for each window that could not be read."""
        return self.path / "damaged.jsonl"

    @property
    def protocol(self) -> Path:
        """Who trains, validates and is kept for testing: a table id,split."""
        return self.path / "protocol.csv"

    @property
    def curves(self) -> Path:
        """Losses, learning rate, distances and validation as a picture."""
        return self.path / "curves.svg"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def best(self) -> Path:
        return self.path / "best"

    @property
    def last(self) -> Path:
        return self.path / "last"

    def of_epoch(self, epoch: int) -> Path:
        """The checkpoint of an epoch, where every one is kept."""
        return self.path / f"epoch-{epoch:02d}"

    @property
    def written(self) -> tuple[str, ...]:
        """Names, or patterns of names, of the files that training writes whole."""
        checkpoints = [
            f"{path.name}.{kind}"
            for path in (self.best, self.last)
            for kind in ("safetensors", "json")
        ]
        checkpoints.append("epoch-*")
        return (
            *checkpoints,
            *(
                path.name
                for path in (
                    self.config,
                    self.log,
                    self.epochs,
                    self.damaged,
                    self.protocol,
                    self.curves,
                )
            ),
        )

    def create(self, config: RunConfig) -> None:
        """Begin a new run. One that has no checkpoint yet, as when it was interrupted early, begins anew.

        Raises:
            RunError: there is a run already, or the folder cannot be written.
            SettingsError: the folder holds something else.
        """
        if self.has(self.last) or self.has(self.best):
            raise RunError(
                f"{self.path} holds a run already; --resume goes on with it, or use another --out"
            )
        try:
            claim_folder(self.path, "run")
            self.forget_after(0)
            write_text(self.config, json.dumps(config.as_dict(), indent=1))
        except OSError as error:
            raise RunError(f"cannot write to {self.path}: {error.strerror}") from None

    @staticmethod
    def has(checkpoint: Path) -> bool:
        """Whether a checkpoint (`best` or `last`) was written."""
        return checkpoint.with_suffix(".safetensors").is_file()

    def check_resumable(self) -> None:
        """Refuse to go on where there is nothing to go on from: beginning anew is never done unasked.

        Raises:
            RunError: there is no checkpoint `last`.
        """
        if not self.has(self.last):
            raise RunError(
                f"{self.path}: no checkpoint `last` to go on from; train without --resume"
                + (", in another --out" if self.has(self.best) else " to begin anew")
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process: two that train in one folder would mix their logs and checkpoints.

        Raises:
            RunError: another process trains here.
        """
        busy = RunError(
            f"another process is training in {self.path}; wait for it, or use another --out"
        )
        with ExitStack() as held:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                held.enter_context(folder_lock(self.path, busy))
            except OSError as error:
                raise RunError(f"cannot write to {self.path}: {error.strerror}") from None
            yield

    def read_config(self) -> RunConfig:
        """The configuration of the run.

        Raises:
            RunError: there is no run.
        """
        if not self.config.is_file():
            raise RunError(
                f"{self.path}: no run here (no config.json); train one with `avdf train SHARDS --out ...`"
            )
        return read_config(self.config)

    def forget_after(self, step: int) -> None:
        """Cut the logs back to a step, as when a run that was killed goes on from a checkpoint."""
        for path in filter(Path.exists, (self.log, self.epochs, self.damaged)):
            kept = [line for line in read_log(path) if line["step"] <= step]
            write_text(path, "".join(json.dumps(line) + "\n" for line in kept))
