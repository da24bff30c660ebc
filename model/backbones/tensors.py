"""Tensors of backbones: put into a module, hashed, and drawn from a seed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from avdf.cache.core.errors import WeightsError

_ALIGNMENT = 64  # bytes: of memory that PyTorch allocates
_RANDOM_FILLS = (Tensor.uniform_, Tensor.normal_)


def load_tensors(
    module: nn.Module,
    state: Mapping[str, Tensor],
    setting: str,
    path: Path,
) -> None:
    """Put the tensors of a file into a module, as float32, without a copy where that is possible.

    Args:
        setting: the setting and architecture that the module was built from, `model.clip ViT-B-32`.

    Raises:
        WeightsError: names or shapes differ; the message counts how many.
    """
    state = {name: _aligned(value.float()) for name, value in state.items()}
    try:
        module.load_state_dict(state, assign=True)
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


def read_pickled(path: Path) -> Any:
    """What torch.save has written: tensors and plain values, mapped where the file allows it."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    # A file of the format before PyTorch 1.6 cannot be mapped.
    except RuntimeError:
        return torch.load(path, map_location="cpu", weights_only=True)


def _aligned(tensor: Tensor) -> Tensor:
    """The tensor at an address as PyTorch chooses it: sums may depend on that in the last bit."""
    is_aligned = tensor.data_ptr() % _ALIGNMENT == 0 and tensor.is_contiguous()
    return tensor if is_aligned else tensor.clone(memory_format=torch.contiguous_format)


def hash_tensors(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, shapes and float32 values, so that the type of the file plays no part."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().float().cpu().contiguous()
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().data)
    return digest.hexdigest()


class Unfilled(TorchFunctionMode):
    """Inside the block new modules hold whatever is in memory: their tensors are loaded next.

    Filling the layers of ViT-B/32 with random numbers takes as long as reading their weights.
    (The device `meta` would draw none either, but its `randn` imports a compiler.)
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        del types
        if func in _RANDOM_FILLS:
            return args[0]
        if func is torch.randn:
            func = torch.empty
        return func(*args, **(kwargs or {}))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside the block PyTorch's random numbers come from `seed`; outside they go on as before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
