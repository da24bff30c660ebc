"""Writing a checkpoint: tensors with their explanation, whole or not at all."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.model.detector import Detector
from avdf.model.inference.validation import Validation
from avdf.model.runs.checkpoint import (
    FORMAT,
    OPTIMISER_PREFIX,
    VALIDATION_PREFIX,
    CheckpointInfo,
    tensors_sha256,
)
from avdf.model.runs.stored_validation import validation_arrays


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
            f"{OPTIMISER_PREFIX}{key}/{name}": part.detach().cpu().contiguous()
            for key, part in known.items()
        }
    if validation is not None:
        tensors |= {
            f"{VALIDATION_PREFIX}{name}": torch.from_numpy(value)
            for name, value in validation_arrays(validation).items()
        }
    text = json.dumps({**info.as_dict(), "tensors_sha256": tensors_sha256(tensors)}, indent=1)
    with durable_file(path.with_suffix(".safetensors")) as partial:
        save_file(tensors, partial, metadata={"format": FORMAT, "info": text})
    write_text(path.with_suffix(".json"), text)
