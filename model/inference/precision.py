"""In which precision the detector runs: the type of the frozen weights, and what is recorded of it."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

import torch

from avdf.cache.core.errors import SettingsError

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class Computing:
    """On what a detector is computed: the device by name, the type of the frozen weights, PyTorch's version."""

    device: str
    dtype: str
    torch: str


def describe_computing(device: torch.device, dtype: torch.dtype) -> Computing:
    """What a checkpoint and `metrics.json` keep of it: the same weights in another type give other scores."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return Computing(name, str(dtype).removeprefix("torch."), str(torch.__version__))


def choose_precision(name: Precision, device: torch.device) -> torch.dtype:
    """The type of the frozen weights: with `auto`, bfloat16 where the hardware multiplies it, else float32."""
    if name != "auto":
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    return torch.bfloat16 if multiplies_bfloat16(device) else torch.float32


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the hardware has bfloat16 products. Without them bfloat16 is emulated, at a fraction of the speed."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    capabilities = torch.cpu.get_capabilities()
    return any(
        bool(capabilities.get(name)) for name in ("avx512_bf16", "amx_bf16", "amx_tile", "bf16")
    )


def read_precision(name: str) -> Precision | None:
    """A precision that was asked for; None for ''.

    Raises:
        SettingsError: it is unknown.
    """
    if not name:
        return None
    for known in get_args(Precision):
        if name == known:
            return cast(Precision, known)
    raise SettingsError(
        f"precision {name!r} is unknown; use one of {', '.join(get_args(Precision))}"
    )
