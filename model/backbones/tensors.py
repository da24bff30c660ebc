"""Tensors of backbones: put into a module, hashed, and drawn from a seed."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from avdf.cache.core.errors import WeightsError


def load_tensors(
    module: nn.Module,
    state: Mapping[str, Tensor],
    setting: str,
    path: Path,
) -> None:
    """Put the tensors of a file into a module, as float32.

    Args:
        setting: the setting and architecture that the module was built from, `model.clip ViT-B-32`.

    Raises:
        WeightsError: names or shapes differ; the message counts how many.
    """
    state = {name: value.float() for name, value in state.items()}
    try:
        module.load_state_dict(state)
    except RuntimeError:
        wanted = {name: value.shape for name, value in module.state_dict().items()}
        found = {name: value.shape for name, value in state.items()}
        missing = len(wanted.keys() - found.keys())
        unknown = len(found.keys() - wanted.keys())
        shared = wanted.keys() & found.keys()
        reshaped = sum(found[name] != wanted[name] for name in shared)
        key = setting.partition(" ")[0]
        raise WeightsError(
            f"{path}: these weights do not fit {setting}: {missing} tensors are missing, {unknown} "
            f"are not known, {reshaped} have another shape; name the architecture that they are of "
            f"with {key}=..."
        ) from None


def hash_tensors(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, shapes and float32 values, so that the type of the file plays no part."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().float().cpu().contiguous()
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().data)
    return digest.hexdigest()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside the block PyTorch's random numbers come from `seed`; outside they go on as before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
