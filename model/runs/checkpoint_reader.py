"""Reading a checkpoint: the header that explains it, and its tensors into a detector."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from avdf.cache.core.errors import RunError, WeightsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.backbones import BackboneInfo
from avdf.model.detector import Detector
from avdf.model.inference.precision import Computing
from avdf.model.likelihood.reference_videos import ReferenceVideos
from avdf.model.runs.checkpoint import (
    FORMAT,
    FORMAT_VERSION,
    OPTIMISER_PREFIX,
    UNAVERAGED_PREFIX,
    VALIDATION_PREFIX,
    CheckpointInfo,
    StartedFrom,
    tensors_sha256,
)
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import run_config
from avdf.model.runs.header import check_header
from avdf.model.runs.optimiser_state import restore_optimiser
from avdf.model.runs.stored_validation import LABELS_TENSOR
from avdf.model.runs.trained import trained_parts
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import REPORT_ORDER, PerVerdict

# Version 3 does not say what was trained, and has no hash of its tensors.
_READABLE_VERSIONS = (3, FORMAT_VERSION)

Tensors = dict[str, torch.Tensor]


def read_checkpoint_info(path: Path) -> CheckpointInfo:
    """What the header of `path`.safetensors says.

    Raises:
        RunError: the file is missing, damaged, or of a version that cannot be read.
    """
    file = path.with_suffix(".safetensors")
    if not file.is_file():
        raise RunError(
            f"{file}: no checkpoint here; train first with `avdf train SHARDS --out {path.parent}`"
        )
    try:
        # The version first: another one may have another header.
        content, labels = _read_header(file)
        _check_version(file, content)
        check_header(content)
        return _info_of(file, content, labels)
    except (
        SafetensorError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
    ) as error:
        raise RunError(
            f"{file}: the checkpoint cannot be read ({error}); train again"
        ) from None


def load_trainable(
    path: Path,
    detector: Detector,
    info: CheckpointInfo,
    optimiser: torch.optim.Optimizer | None = None,
    averages: Tensors | None = None,
) -> None:
    """Put the tensors of `path`.safetensors into a detector with the same backbones.

    Where training averages its tensors, these are the averages, which are scored with.

    Args:
        optimiser: that of the detector; it takes its state from the file too.
        averages: filled with the averages by name; the detector then takes the tensors that are
            trained on. Only `last` has both.

    Raises:
        RunError: the file is missing or damaged, or its tensors do not fit the detector.
        WeightsError: the weights of a backbone are not those of training.
    """
    _check_backbones(path, detector, info)
    file = path.with_suffix(".safetensors")
    tensors = _read_tensors(file, info)
    # One file holds several kinds of tensors. What has no prefix is a trainable tensor.
    states = _with_prefix(tensors, OPTIMISER_PREFIX)
    validation = _with_prefix(tensors, VALIDATION_PREFIX)
    unaveraged = _with_prefix(tensors, UNAVERAGED_PREFIX)
    with_prefix = {*states, *validation, *unaveraged}
    stored = {name: value for name, value in tensors.items() if name not in with_prefix}
    parameters = detector.trainable_state()
    if averages is not None:
        _check_trainable(file, stored, parameters)
        averages.update(stored)
        stored = {
            name.removeprefix(UNAVERAGED_PREFIX): value
            for name, value in unaveraged.items()
        }
    # All tensors are checked before the first is copied: a detector is never half loaded.
    _check_trainable(file, stored, parameters)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(stored[name])
    if optimiser is not None:
        restore_optimiser(file, optimiser, parameters, states)


def _read_header(file: Path) -> tuple[dict[str, Any], list[list[int]]]:
    """The header's JSON, and the labels of the validation videos, (videos, 3) in `REPORT_ORDER`.

    Raises:
        RunError: this is no checkpoint.
    """
    with safe_open(file, framework="pt") as tensors:
        header = tensors.metadata() or {}
        labels: list[list[int]] = []
        # Only version 3 needs the labels, to find out what was trained.
        if LABELS_TENSOR in tensors.keys():  # noqa: SIM118  # not a dict
            labels = tensors.get_tensor(LABELS_TENSOR).tolist()
    if header.get("format") != FORMAT:
        raise RunError(f"{file}: not a checkpoint of avdf")
    return json.loads(header["info"]), labels


def _check_version(file: Path, content: Mapping[str, Any]) -> None:
    """Raises RunError for an unknown version, ValueError where version 4 is not complete."""
    version = content["format_version"]
    if version not in _READABLE_VERSIONS:
        # A newer avdf may have written it; guessing at its fields could give wrong verdicts.
        known = " and ".join(str(one) for one in _READABLE_VERSIONS)
        raise RunError(
            f"{file}: checkpoint version {version}, this avdf reads {known}; train again"
        )
    # Only version 3 may lack them. In a file of version 4, someone has taken them out.
    complete = content.get("tensors_sha256") and "trained" in content
    if version == FORMAT_VERSION and not complete:
        raise ValueError("tensors_sha256 or trained is missing")


def _info_of(
    file: Path,
    content: Mapping[str, Any],
    labels: list[list[int]],
) -> CheckpointInfo:
    config = run_config(content["config"], str(file))
    trained = content.get("trained")
    if trained is None:
        trained = _trained_in_version_3(config, labels)
    backbones = {
        name: BackboneInfo(**info) for name, info in content["backbones"].items()
    }
    computed = content.get("computed")
    started_from = content.get("started_from")
    return CheckpointInfo(
        epoch=content["epoch"],
        step=content["step"],
        config=config,
        backbones=backbones,
        thresholds=Thresholds(**content["thresholds"]),
        validation=content["validation"],
        data=content["data"],
        trained=tuple(trained),
        notes=tuple(content.get("notes", ())),
        computed=Computing(**computed) if computed else None,
        sync=_sync_of(content.get("sync")),
        reference=_reference_of(content.get("reference")),
        started_from=StartedFrom(**started_from) if started_from else None,
        planned=tuple(content.get("planned", ())),
        tensors_sha256=content.get("tensors_sha256", ""),
    )


def _sync_of(content: Mapping[str, Any] | None) -> SyncCalibration | None:
    if content is None:
        return None
    # JSON has no tuples.
    interval = content["interval"] and tuple(content["interval"])
    return SyncCalibration(**{**content, "interval": interval})


def _reference_of(content: Mapping[str, Any] | None) -> ReferenceVideos | None:
    return None if content is None else ReferenceVideos.from_dict(content)


def _trained_in_version_3(
    config: RunConfig, labels: list[list[int]]
) -> tuple[str, ...]:
    """What a checkpoint that does not say it was trained for, from its validation labels.

    The validation videos come from the same datasets as the training videos, so that labels which
    are missing in one are missing in the other.
    """
    # Both classes are assumed, then those that the labels lack are removed. A file without labels
    # keeps the assumption.
    classes = PerVerdict.of(lambda _: {REAL, FAKE})
    columns = zip(*labels, strict=True)
    for verdict, column in zip(REPORT_ORDER, columns, strict=False):
        classes[verdict].intersection_update(column)
    return trained_parts(classes, config)


def _check_backbones(
    path: Path,
    detector: Detector,
    info: CheckpointInfo,
) -> None:
    for name, trained in info.backbones.items():
        # Trainable tensors fit only the features that they were trained on, even where shapes
        # agree.
        here = detector.backbones[name]
        if here.sha256 != trained.sha256:
            raise WeightsError(
                f"{path}: trained on {name} {trained.architecture}/{trained.weights} "
                f"(sha256 {trained.sha256[:12]}), but {here.weights} has {here.sha256[:12]}; "
                "give the same weights"
            )


def _read_tensors(file: Path, info: CheckpointInfo) -> Tensors:
    """All tensors of the file, whose hash is that of the header."""
    try:
        tensors: Tensors = load_file(file)
    except FileNotFoundError:
        raise RunError(f"{file}: missing; train again") from None
    except (SafetensorError, OSError) as error:
        raise RunError(
            f"{file}: the checkpoint cannot be read ({error}); train again"
        ) from None
    # A flipped bit on a disk gives a valid file with wrong weights.
    if info.tensors_sha256 and tensors_sha256(tensors) != info.tensors_sha256:
        raise RunError(
            f"{file}: the tensors are not those that were saved (their sha256 differs); train again"
        )
    return tensors


def _with_prefix(tensors: Tensors, prefix: str) -> Tensors:
    return {name: value for name, value in tensors.items() if name.startswith(prefix)}


def _check_trainable(
    file: Path,
    stored: Tensors,
    parameters: Mapping[str, torch.Tensor],
) -> None:
    """Refuse tensors that do not fit the detector, or that are not finite."""
    if _kinds(stored) != _kinds(parameters):
        raise RunError(
            f"{file}: its tensors have other names, shapes or types than the configuration in its "
            "header; train again"
        )
    for name, value in stored.items():
        if not torch.isfinite(value).all():
            raise RunError(f"{file}: {name} is not finite; train again")


def _kinds(tensors: Mapping[str, torch.Tensor]) -> dict[str, tuple[Any, ...]]:
    return {name: (tuple(value.shape), value.dtype) for name, value in tensors.items()}
