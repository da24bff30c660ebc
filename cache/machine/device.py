"""The device that networks run on, by its name."""

import torch

from avdf.cache.core.errors import SettingsError

_KINDS = ("cpu", "cuda")


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` is CUDA if there is a GPU, else the CPU.

    Raises:
        SettingsError: the device is unknown or does not exist.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, ValueError):
        raise SettingsError(
            f"device {name!r} is unknown; use auto, cpu or cuda"
        ) from None
    if device.type not in _KINDS:
        raise SettingsError(
            f"device {name!r} cannot compute here; use auto, cpu or cuda"
        )
    if device.type == "cuda":
        _check_gpu(name, device.index)
    return device


def _check_gpu(name: str, index: int | None) -> None:
    if not torch.cuda.is_available():
        raise SettingsError(
            f"device {name}: PyTorch finds no CUDA device here; use cpu, or see `avdf doctor`"
        )
    count = torch.cuda.device_count()
    if index is not None and index >= count:
        raise SettingsError(
            f"device {name}: there are {count} CUDA devices here, counted from 0"
        )
