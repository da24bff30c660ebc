"""An optimiser's state among the tensors of a checkpoint."""

from collections.abc import Mapping
from pathlib import Path

import torch

from avdf.cache.core.errors import RunError
from avdf.model.runs.checkpoint import OPTIMISER_PREFIX

_ADAM = {"step", "exp_avg", "exp_avg_sq"}  # what the optimiser keeps of each tensor


def restore_optimiser(
    file: Path,
    optimiser: torch.optim.Optimizer,
    wanted: Mapping[str, torch.Tensor],
    states: Mapping[str, torch.Tensor],
) -> None:
    """Give the optimiser what it kept of each tensor: all of it, of the right shapes, or nothing at all."""
    parts = {name: name.removeprefix(OPTIMISER_PREFIX).partition("/")[::2] for name in states}
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
