"""The number type of the frozen weights, and what is recorded of the hardware."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

import torch

from avdf.cache.core.errors import SettingsError

Precision = Literal["auto", "float32", "bfloat16"]

# Any of these multiplies bfloat16 in hardware.
_CPU_CAPABILITIES = ("avx512_bf16", "amx_bf16", "amx_tile", "bf16")


@dataclass(frozen=True)
class Computing:
    """What a detector is computed on: checkpoints and `metrics.json` keep it.

    The same weights in another number type give other scores.

    device  name of the GPU, or `cpu`
    dtype   of the frozen weights, `float32` or `bfloat16`
    torch   version of PyTorch
    """

    device: str
    dtype: str
    torch: str


def describe_computing(device: torch.device, dtype: torch.dtype) -> Computing:
    """What is recorded of a device and the type of the frozen weights."""
    is_gpu = device.type == "cuda"
    return Computing(
        device=torch.cuda.get_device_name(device) if is_gpu else device.type,
        dtype=str(dtype).removeprefix("torch."),
        torch=str(torch.__version__),
    )


def choose_precision(name: Precision, device: torch.device) -> torch.dtype:
    """The type of the frozen weights.

    `auto` is bfloat16 where the hardware multiplies it, else float32.
    """
    if name != "auto":
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    return torch.bfloat16 if multiplies_bfloat16(device) else torch.float32


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the hardware multiplies bfloat16; else it is emulated, many times slower."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    capabilities = torch.cpu.get_capabilities()
    return any(bool(capabilities.get(name)) for name in _CPU_CAPABILITIES)


def read_precision(name: str) -> Precision | None:
    """A precision that was asked for; None for ''.

    Raises:
        SettingsError: it is unknown.
    """
    if not name:
        return None
    if name not in get_args(Precision):
        known = ", ".join(get_args(Precision))
        raise SettingsError(f"precision {name!r} is unknown; use one of {known}")
    return cast(Precision, name)
