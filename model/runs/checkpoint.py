"""Checkpoints: what learns as safetensors, what explains it as JSON. Never a pickle that could run code."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from avdf.cache.core.errors import RunError, WeightsError
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.model.backbones import BackboneInfo
from avdf.model.detector import Detector
from avdf.model.inference.decision import Validation
from avdf.model.inference.precision import Computing
from avdf.model.inference.segments import SegmentScores
from avdf.model.metrics import Thresholds
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import run_config
from avdf.model.runs.header import check_header
from avdf.model.runs.trained import Classes, trained_parts

FORMAT = "avdf-checkpoint"
FORMAT_VERSION = 4
_READABLE_VERSIONS = (
    3,
    4,
)  # version 3 does not say what was trained, and has no hash of its tensors
_OPTIMISER = "optimiser/"  # optimiser/KEY/NAME: state of the tensor NAME
_VALIDATION = "validation/"
_ADAM = {"step", "exp_avg", "exp_avg_sq"}  # what the optimiser keeps of each tensor
_LABELS = f"{_VALIDATION}labels"


@dataclass(frozen=True)
class CheckpointInfo:
    """What explains the tensors.

    data     the protocol, its hash, and the videos that it was trained on
    trained  of `visual`, `audio`, `video`, `matching`: what training could teach; nothing else is reported
    notes    sentences on what this run cannot be relied on for
    computed on what it was trained; None where an older checkpoint does not say
    """

    epoch: int
    step: int
    config: RunConfig
    backbones: Mapping[str, BackboneInfo]
    thresholds: Thresholds
    validation: Mapping[str, float | None]
    data: Mapping[str, Any] = field(default_factory=dict)
    trained: tuple[str, ...] = ("visual", "audio", "video", "matching")
    notes: tuple[str, ...] = ()
    computed: Computing | None = None
    tensors_sha256: str = ""  # of all tensors in the file; '' in version 3

    def as_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "avdf_version": version("avdf"),
            "epoch": self.epoch,
            "step": self.step,
            "config": self.config.as_dict(),
            "backbones": {name: asdict(info) for name, info in self.backbones.items()},
            "thresholds": asdict(self.thresholds),
            "validation": dict(self.validation),
            "data": dict(self.data),
            "trained": list(self.trained),
            "notes": list(self.notes),
            "computed": asdict(self.computed) if self.computed else None,
        }


def save_checkpoint(
    path: Path,
    detector: Detector,
    info: CheckpointInfo,
    optimiser: torch.optim.Optimizer | None = None,
    validation: Validation | None = None,
) -> None:
    """Write `path`.safetensors, whole or not at all: tensors, and `info` in its header.

    With them, if given, the optimiser's state, and the scores of the validation videos that verdicts are drawn from.

    `path`.json says the same as the header, for people and other programs; it is not read back.
    """
    state = detector.trainable_state()
    tensors = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    for name, value in state.items() if optimiser else ():
        known = optimiser.state.get(value, {}) if optimiser else {}
        tensors |= {
            f"{_OPTIMISER}{key}/{name}": part.detach().cpu().contiguous()
            for key, part in known.items()
        }
    if validation is not None:
        tensors |= {
            f"{_VALIDATION}{name}": torch.from_numpy(value)
            for name, value in _arrays(validation).items()
        }
    text = json.dumps({**info.as_dict(), "tensors_sha256": _digest(tensors)}, indent=1)
    with durable_file(path.with_suffix(".safetensors")) as partial:
        save_file(tensors, partial, metadata={"format": FORMAT, "info": text})
    write_text(path.with_suffix(".json"), text)


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
            labels = tensors.get_tensor(_LABELS).numpy() if _LABELS in tensors.keys() else None  # noqa: SIM118
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


def _arrays(validation: Validation) -> dict[str, npt.NDArray[Any]]:
    scores = {name: getattr(validation.scores, name) for name in SegmentScores.__dataclass_fields__}
    return {**scores, "labels": validation.labels}


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of all tensors, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)};".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load_validation(path: Path) -> Validation | None:
    """The validation scores that `path`.safetensors keeps, if it does.

    Raises:
        RunError: they do not fit together.
    """
    file = path.with_suffix(".safetensors")
    try:
        with safe_open(file, framework="np") as tensors:
            names = [name for name in tensors.keys() if name.startswith(_VALIDATION)]  # noqa: SIM118  # not a dict
            found = {name.removeprefix(_VALIDATION): tensors.get_tensor(name) for name in names}
        if not found:
            return None
        labels = found.pop("labels")
        validation = Validation(SegmentScores(**found), labels)
        _check_validation(validation)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"{file}: its validation scores cannot be used ({error}); train again"
        ) from None
    return validation


def _check_validation(validation: Validation) -> None:
    """Whether scores and labels are of the kinds and in the ranges that thresholds are found from."""
    scores, labels = validation.scores, validation.labels
    kinds = (scores.video.dtype, scores.fake.dtype, scores.distances.dtype, labels.dtype)
    if [str(kind) for kind in kinds] != ["int64", "float64", "float64", "int64"] or labels.shape[
        1:
    ] != (3,):
        raise ValueError(f"kinds {', '.join(map(str, kinds))}, labels {labels.shape}")
    if len(scores.video) and not 0 <= scores.video.min() <= scores.video.max() < len(labels):
        raise ValueError("segments of videos that have no label")
    if not np.isin(labels, (REAL, FAKE, UNKNOWN)).all():
        raise ValueError("a label is not 0, 1 or -1")
    if (scores.fake < 0).any() or (scores.fake > 1).any():
        raise ValueError("a score is not in [0, 1]")


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
    if info.tensors_sha256 and _digest(tensors) != info.tensors_sha256:
        raise RunError(
            f"{file}: the tensors are not those that were saved (their sha256 differs); train again"
        )
    states = {name: tensors.pop(name) for name in list(tensors) if name.startswith(_OPTIMISER)}
    tensors = {name: value for name, value in tensors.items() if not name.startswith(_VALIDATION)}
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
        _load_optimiser(file, optimiser, wanted, states)


def _load_optimiser(
    file: Path,
    optimiser: torch.optim.Optimizer,
    wanted: Mapping[str, torch.Tensor],
    states: Mapping[str, torch.Tensor],
) -> None:
    """Give the optimiser what it kept of each tensor: all of it, of the right shapes, or nothing at all."""
    parts = {name: name.removeprefix(_OPTIMISER).partition("/")[::2] for name in states}
    found = set(parts.values())
    if found and found != {(key, name) for key in _ADAM for name in wanted}:
        raise RunError(f"{file}: the optimiser's state is not that of its tensors; train again")
    for name, value in states.items():
        key, parameter = parts[name]
        shape = () if key == "step" else wanted[parameter].shape
        if value.shape != shape or not torch.isfinite(value).all():
            raise RunError(f"{file}: {name} is not finite or does not fit; train again")
        on = (
            value if key == "step" else value.to(wanted[parameter].device)
        )  # Adam counts its steps on the CPU
        optimiser.state[wanted[parameter]][key] = on
