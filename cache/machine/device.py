"""On what networks run: a processor or a GPU, by name."""

import torch

from avdf.cache.core.errors import SettingsError

_KINDS = ("cpu", "cuda")


def choose_device(name: str) -> torch.device:
    """`auto` takes CUDA where there is one.

    Raises:
        SettingsError: the device is unknown, or not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, ValueError):
        raise SettingsError(f"device {name!r} is unknown; use auto, cpu or cuda") from None
    if device.type not in _KINDS:
        raise SettingsError(f"device {name!r} cannot compute here; use auto, cpu or cuda")
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise SettingsError(
                f"device {name}: PyTorch finds no CUDA device here; use cpu, or see `avdf doctor`"
            )
        if device.index is not None and device.index >= (count := torch.cuda.device_count()):
            raise SettingsError(
                f"device {name}: there are {count} CUDA devices here, counted from 0"
            )
    return device
