"""A trained detector, loaded from a run's folder to score with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from avdf.cache.core.errors import RunError, SettingsError
from avdf.cache.machine.device import choose_device
from avdf.model.backbones.clip_activation import trained_activation
from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector
from avdf.model.inference.aggregate import Aggregate
from avdf.model.inference.decision import Judgement, judge
from avdf.model.inference.precision import (
    Computing,
    Precision,
    choose_precision,
    describe_computing,
)
from avdf.model.inference.validation import Validation
from avdf.model.runs.basis import only_synthetic, rests_on
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.checkpoint_reader import load_trainable, read_checkpoint_info
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.stored_validation import load_validation


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
            plain = Judgement(how, self.info.thresholds, abstain=abstain)
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
