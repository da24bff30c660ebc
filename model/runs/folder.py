"""A run's folder: the frozen configuration, the log, the checkpoints `best` and `last`."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch

from avdf.cache.core.errors import RunError, SettingsError
from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.folder_lock import folder_lock
from avdf.cache.files.ownership import claim_folder
from avdf.cache.machine.device import choose_device
from avdf.model.backbones.weights import trained_activation
from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector
from avdf.model.inference.decision import Aggregate, Judgement, Validation, judge
from avdf.model.inference.precision import (
    Computing,
    Precision,
    choose_precision,
    describe_computing,
)
from avdf.model.inference.segments import VERDICTS
from avdf.model.runs.basis import only_synthetic, rests_on
from avdf.model.runs.checkpoint import (
    CheckpointInfo,
    load_trainable,
    load_validation,
    read_checkpoint_info,
)
from avdf.model.runs.config import RunConfig, read_config


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
            kept = [line for line in read_lines(path) if line["step"] <= step]
            write_text(path, "".join(json.dumps(line) + "\n" for line in kept))


class LineSink(Protocol):
    """Where lines of the log go."""

    def write(self, line: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class LineWriter:
    """Appends JSON lines, each on disk before the next begins."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def read_lines(path: Path) -> list[dict[str, Any]]:
    """JSON lines of a log, each with its step; from the first that was cut off or damaged on they are left out."""
    lines: list[dict[str, Any]] = []
    if path.is_file():
        for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                break
            if not isinstance(line, dict) or not isinstance(line.get("step"), int):
                break
            lines.append(line)
    return lines


@dataclass(frozen=True)
class LoadedRun:
    """A trained detector, ready to score."""

    folder: RunFolder
    detector: Detector
    info: CheckpointInfo
    device: torch.device
    validation: Validation | None = None
    computed: Computing | None = None

    def judgement(
        self, how: Aggregate = "mean", calibrate: bool = False, abstain: float = 0.0
    ) -> Judgement:
        """How its videos are judged: as validation found it in training, unless something else is asked for.

        Raises:
            SettingsError: something else is asked for, and the checkpoint keeps no validation scores to find it from.
        """
        if how == "mean" and not calibrate:
            plain = Judgement(how, self.info.thresholds, dict.fromkeys(VERDICTS, 1.0), abstain)
            return self._explained(plain)
        if self.validation is None:
            raise SettingsError(
                f"{self.folder.path}: no validation scores in this checkpoint; score with the mean alone"
            )
        return self._explained(judge(self.validation, how, calibrate, abstain))

    def _explained(self, judgement: Judgement) -> Judgement:
        return replace(
            judgement,
            rests_on=rests_on(self.info, judgement.thresholds),
            only_synthetic=only_synthetic(self.info.data),
            notes=self.info.notes,
        )


def load_run(
    folder: Path,
    checkpoint: str = "best",
    device: str = "auto",
    precision: Precision | None = None,
    weights: Mapping[str, str] | None = None,
) -> LoadedRun:
    """The detector of a run's checkpoint `best` or `last`.

    Args:
        precision: of the frozen weights; without, that of training, whose thresholds it belongs to.
        weights: where the backbones' weights are on this machine: `clip_weights`, `whisper_weights`. They must be those
            of training: the hashes of their tensors are compared.

    Raises:
        RunError, WeightsError, SettingsError: there is none, its backbones are missing, the device is not there.
    """
    if not folder.is_dir():
        raise RunError(f"{folder}: no such run; train one with `avdf train SHARDS --out {folder}`")
    path = folder / checkpoint
    info = read_checkpoint_info(path)
    on = choose_device(device)
    model: DetectorConfig = replace(
        info.config.model,
        clip_activation=trained_activation(info.config.model, info.backbones),
        **dict[str, Any](weights or {}),
    )
    detector = Detector(model)
    load_trainable(path, detector, info)
    dtype = choose_precision(precision or _trained_precision(info), on)
    detector.to(on).hold_frozen(dtype)
    computed = describe_computing(on, dtype)
    return LoadedRun(RunFolder(folder), detector.eval(), info, on, load_validation(path), computed)


def _trained_precision(info: CheckpointInfo) -> Precision:
    if info.computed is None:
        return info.config.training.precision
    return "bfloat16" if info.computed.dtype == "bfloat16" else "float32"
