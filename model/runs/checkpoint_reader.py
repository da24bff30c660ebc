"""Reading a checkpoint: what explains it, and its tensors into a detector."""

import json
from pathlib import Path
from typing import Any

import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from avdf.cache.core.errors import RunError, WeightsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.backbones import BackboneInfo
from avdf.model.detector import Detector
from avdf.model.inference.precision import Computing
from avdf.model.runs.checkpoint import (
    FORMAT,
    FORMAT_VERSION,
    OPTIMISER_PREFIX,
    VALIDATION_PREFIX,
    CheckpointInfo,
    tensors_sha256,
)
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import run_config
from avdf.model.runs.header import check_header
from avdf.model.runs.optimiser_state import restore_optimiser
from avdf.model.runs.stored_validation import LABELS_TENSOR
from avdf.model.runs.trained import Classes, trained_parts
from avdf.model.thresholds import Thresholds

_READABLE_VERSIONS = (
    3,
    4,
)  # version 3 does not say what was trained, and has no hash of its tensors


def read_checkpoint_info(path: Path) -> CheckpointInfo:
    """What the header of `path`.safetensors says.

    Raises:
        RunError: it is missing, damaged, or of another version.
    """
    file = path.with_suffix(".safetensors")
    if not file.is_file():
        raise RunError(
            f"{file}: no checkpoint here; train first with `avdf train SHARDS --out {path.parent}`"
        )
    try:
        with safe_open(file, framework="pt") as tensors:
            header = tensors.metadata() or {}
            labels = (
                tensors.get_tensor(LABELS_TENSOR).numpy()
                if LABELS_TENSOR in tensors.keys()  # noqa: SIM118
                else None
            )
        if header.get("format") != FORMAT:
            raise RunError(f"{file}: not a checkpoint of avdf")
        content = json.loads(header["info"])
        version_found = content["format_version"]
        if version_found not in _READABLE_VERSIONS:
            known = " and ".join(str(one) for one in _READABLE_VERSIONS)
            raise RunError(
                f"{file}: checkpoint version {version_found}, this avdf reads {known}; train again"
            )
        check_header(content)
        if version_found == FORMAT_VERSION and not (
            content.get("tensors_sha256") and "trained" in content
        ):
            raise ValueError("tensors_sha256 or trained is missing")
        config = run_config(content["config"], str(file))
        trained = (
            content["trained"] if "trained" in content else _trained_in_version_3(config, labels)
        )
        return CheckpointInfo(
            epoch=content["epoch"],
            step=content["step"],
            config=config,
            backbones={name: BackboneInfo(**info) for name, info in content["backbones"].items()},
            thresholds=Thresholds(**content["thresholds"]),
            validation=content["validation"],
            data=content["data"],
            trained=tuple(trained),
            notes=tuple(content.get("notes", ())),
            computed=Computing(**content["computed"]) if content.get("computed") else None,
            tensors_sha256=content.get("tensors_sha256", ""),
        )
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"{file}: the checkpoint cannot be read ({error}); train again") from None


def _trained_in_version_3(config: RunConfig, labels: npt.NDArray[Any] | None) -> tuple[str, ...]:
    """What a checkpoint that does not say it was trained for.

    Its validation videos tell: they come from the same datasets as those of training, with the same labels missing.
    """
    classes: Classes = {name: {REAL, FAKE} for name in ("video", "visual", "audio")}
    if labels is not None and len(labels):
        for seen, column in zip(classes.values(), labels.T.tolist(), strict=True):
            seen &= set(column)
    return trained_parts(classes, config)


def load_trainable(
    path: Path,
    detector: Detector,
    info: CheckpointInfo,
    optimiser: torch.optim.Optimizer | None = None,
) -> None:
    """Put the tensors of `path`.safetensors into a detector whose backbones are those it was trained on.

    The optimiser of that detector, if given, takes its state too.

    Raises:
        RunError: the file is missing, damaged or does not fit.
        WeightsError: a backbone is another one than in training.
    """
    for name, trained in info.backbones.items():
        here = detector.backbones[name]
        if here.sha256 != trained.sha256:
            raise WeightsError(
                f"{path}: trained on {name} {trained.architecture}/{trained.weights} "
                f"(sha256 {trained.sha256[:12]}), but {here.weights} has {here.sha256[:12]}; give the same weights"
            )
    file = path.with_suffix(".safetensors")
    try:
        tensors = load_file(file)
    except FileNotFoundError:
        raise RunError(f"{file}: missing; train again") from None
    except (SafetensorError, OSError) as error:
        raise RunError(f"{file}: the checkpoint cannot be read ({error}); train again") from None
    if info.tensors_sha256 and tensors_sha256(tensors) != info.tensors_sha256:
        raise RunError(
            f"{file}: the tensors are not those that were saved (their sha256 differs); train again"
        )
    states = {
        name: tensors.pop(name) for name in list(tensors) if name.startswith(OPTIMISER_PREFIX)
    }
    tensors = {
        name: value for name, value in tensors.items() if not name.startswith(VALIDATION_PREFIX)
    }
    wanted = detector.trainable_state()
    kinds = {name: (tuple(value.shape), value.dtype) for name, value in wanted.items()}
    if kinds != {name: (tuple(value.shape), value.dtype) for name, value in tensors.items()}:
        raise RunError(
            f"{file}: its tensors have other names, shapes or types than the configuration in its header; train again"
        )
    if infinite := next(
        (name for name, value in tensors.items() if not torch.isfinite(value).all()), None
    ):
        raise RunError(f"{file}: {infinite} is not finite; train again")
    with torch.no_grad():
        for name, value in wanted.items():
            value.copy_(tensors[name])
    if optimiser is not None:
        restore_optimiser(file, optimiser, wanted, states)
