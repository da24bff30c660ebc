"""Writing a checkpoint: tensors with their explanation, whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.model.detector import Detector
from avdf.model.inference.validation import Validation
from avdf.model.runs.checkpoint import (
    FORMAT,
    UNAVERAGED_PREFIX,
    VALIDATION_PREFIX,
    CheckpointInfo,
    tensors_sha256,
)
from avdf.model.runs.optimiser_state import optimiser_tensors
from avdf.model.runs.stored_validation import validation_arrays


def save_checkpoint(
    path: Path,
    detector: Detector,
    info: CheckpointInfo,
    optimiser: torch.optim.Optimizer | None = None,
    validation: Validation | None = None,
    unaveraged: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Write the trainable tensors to `path`.safetensors, with `info` in its header.

    `path`.json repeats the header for people and other programs; avdf does not read it.

    Args:
        optimiser: its state is written too, for a run that goes on from here.
        validation: the scores of the validation videos are written too. Thresholds for other ways
            of scoring are found from them.
        unaveraged: where the detector has averages, the tensors that are trained on, by name. They
            are written too.
    """
    # The backbones are not written: they are large, the same in all runs, and named by their hash.
    parameters = detector.trainable_state()
    tensors = {name: _on_cpu(value) for name, value in parameters.items()}
    if optimiser is not None:
        states = optimiser_tensors(optimiser, parameters)
        tensors |= {name: _on_cpu(value) for name, value in states.items()}
    for name, value in (unaveraged or {}).items():
        tensors[f"{UNAVERAGED_PREFIX}{name}"] = _on_cpu(value)
    if validation is not None:
        arrays = validation_arrays(validation)
        for name, array in arrays.items():
            tensors[f"{VALIDATION_PREFIX}{name}"] = torch.from_numpy(array)
    # The hash is of all tensors, so that a flipped bit anywhere in them is found.
    header = {**info.as_dict(), "tensors_sha256": tensors_sha256(tensors)}
    text = json.dumps(header, indent=1)
    # A run can be killed at any moment: the old checkpoint stays until the new one is complete.
    with durable_file(path.with_suffix(".safetensors")) as partial:
        save_file(
            tensors,
            partial,
            metadata={"format": FORMAT, "info": text},
        )
    write_text(path.with_suffix(".json"), text)


def _on_cpu(value: torch.Tensor) -> torch.Tensor:
    return value.detach().cpu().contiguous()
