"""A trained detector, loaded from a run to score with."""

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
from avdf.model.inference.decision import Judgement, judge, ratios_of
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
from avdf.model.runs.sync_judgement import sync_judgement


@dataclass(frozen=True)
class LoadedRun:
    """A trained detector, ready to score.

    folder      the run it comes from
    info        what its checkpoint says of itself
    device      where it computes
    validation  scores of the validation videos; None where the checkpoint has none
    computed    device and precision, as reports name them
    """

    folder: RunFolder
    detector: Detector
    info: CheckpointInfo
    device: torch.device
    validation: Validation | None = None
    computed: Computing | None = None

    def judgement(
        self,
        how: Aggregate = "mean",
        calibrate: bool = False,
        abstain: float = 0.0,
        ratios: bool = False,
    ) -> Judgement:
        """How its videos are judged; by default with the thresholds that training found.

        Args:
            how: how the scores of segments become the score of a video.
            calibrate: whether to find temperatures on the validation videos.
            abstain: answer `unsure` within this distance of the threshold.
            ratios: whether to find likelihood ratios on the validation videos.

        Raises:
            SettingsError: `how`, `calibrate` or `ratios` need validation scores, and the checkpoint
                has none.
        """
        # Training has found these thresholds already. All others are found now, from the scores of
        # the validation videos that the checkpoint keeps.
        if self.validation is None and (how != "mean" or calibrate or ratios):
            raise SettingsError(
                f"{self.folder.path}: no validation scores in this checkpoint; "
                "score with the mean alone, without calibration and likelihood ratios"
            )
        if self.validation is None or (how == "mean" and not calibrate):
            judgement = Judgement(how, self.info.thresholds, abstain=abstain)
        else:
            judgement = judge(self.validation, how, calibrate, abstain)
        if ratios and self.validation is not None:
            judgement = replace(
                judgement,
                ratios=ratios_of(self.validation, how),
                reference=self.info.reference,
            )
        return replace(
            judgement,
            rests_on=rests_on(self.info, judgement.thresholds),
            only_synthetic=only_synthetic(self.info.data),
            notes=self.info.notes,
            sync=sync_judgement(self.info, abstain),
        )


def load_run(
    folder: Path,
    checkpoint: str = "best",
    device: str = "auto",
    precision: Precision | None = None,
    weights: Mapping[str, str] | None = None,
) -> LoadedRun:
    """Load the detector of a run.

    Args:
        checkpoint: `best` or `last`.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, ...
        precision: of the frozen weights; None: that of training, for which the thresholds hold.
        weights: other locations of the weights on this machine, as `clip_weights` and
            `whisper_weights`. Their tensors must be those of training: hashes are compared.

    Raises:
        RunError: there is no such run, or its checkpoint cannot be read.
        WeightsError: the weights of a backbone are missing, or are not those of training.
        SettingsError: the device is not there.
    """
    if not folder.is_dir():
        raise RunError(
            f"{folder}: no such run; train one with `avdf train SHARDS --out {folder}`"
        )
    path = folder / checkpoint
    others = [file.stem for file in sorted(folder.glob("*.safetensors"))]
    if others and checkpoint not in others:
        raise RunError(
            f"{folder}: no checkpoint {checkpoint}; there are {', '.join(others)}"
        )
    info = read_checkpoint_info(path)
    # Before the detector is built: a missing GPU is reported at once, not after loading weights.
    chosen = choose_device(device)
    detector = Detector(_model_here(info, weights or {}))
    load_trainable(path, detector, info)
    # Thresholds hold for the precision in which they were found.
    dtype = choose_precision(precision or _trained_precision(info), chosen)
    detector.to(chosen).hold_frozen(dtype)
    return LoadedRun(
        folder=RunFolder(folder),
        detector=detector.eval(),
        info=info,
        device=chosen,
        validation=load_validation(path),
        computed=describe_computing(chosen, dtype),
    )


def _model_here(info: CheckpointInfo, weights: Mapping[str, str]) -> DetectorConfig:
    """The model of training, with the locations of the weights on this machine."""
    model = info.config.model
    activation = trained_activation(model, info.backbones)
    return replace(model, clip_activation=activation, **dict[str, Any](weights))


def _trained_precision(info: CheckpointInfo) -> Precision:
    if info.computed is None:
        return info.config.training.precision
    return "bfloat16" if info.computed.dtype == "bfloat16" else "float32"
