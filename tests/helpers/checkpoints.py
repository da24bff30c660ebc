"""Checkpoints that say something else than training wrote."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from avdf.model.runs.checkpoint import tensors_sha256

Header = dict[str, Any]
Tensors = dict[str, torch.Tensor]


def rewrite_checkpoint(path: Path, change: Callable[[Tensors, Header], object]) -> None:
    """Save a `.safetensors` file again, with changed tensors and a changed header.

    A header that has a hash of the tensors gets that of the changed tensors.
    """
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    tensors, header = load_file(path), json.loads(metadata["info"])
    change(tensors, header)
    if "tensors_sha256" in header:
        header["tensors_sha256"] = tensors_sha256(tensors)
    save_file(tensors, path, metadata={**metadata, "info": json.dumps(header)})


def copy_run(
    run: Path,
    folder: Path,
    change: Callable[[Header], object],
    checkpoints: Sequence[str] = ("best", "last"),
) -> Path:
    """A copy of a run whose checkpoints have a changed header."""
    shutil.copytree(run, folder)
    for name in checkpoints:
        rewrite_checkpoint(
            folder / f"{name}.safetensors", lambda _, header: change(header)
        )
    return folder
