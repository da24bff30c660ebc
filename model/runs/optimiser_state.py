"""The state of Adam among the tensors of a checkpoint: `optimiser/KEY/NAME` for the tensor NAME."""

from collections.abc import Mapping
from pathlib import Path

import torch

from avdf.cache.core.errors import RunError
from avdf.model.runs.checkpoint import OPTIMISER_PREFIX

Tensors = Mapping[str, torch.Tensor]
_STEP = "step"
_KEYS = {_STEP, "exp_avg", "exp_avg_sq"}  # what Adam keeps for each tensor


def optimiser_tensors(
    optimiser: torch.optim.Optimizer, parameters: Tensors
) -> dict[str, torch.Tensor]:
    """The state of an optimiser under the names that a checkpoint gives it.

    Args:
        parameters: the trainable tensors by name.
    """
    found = {}
    for name, parameter in parameters.items():
        state = optimiser.state.get(parameter, {})  # nothing before the first step
        for key, value in state.items():
            found[f"{OPTIMISER_PREFIX}{key}/{name}"] = value
    return found


def restore_optimiser(
    file: Path,
    optimiser: torch.optim.Optimizer,
    parameters: Tensors,
    states: Tensors,
) -> None:
    """Put stored tensors into an optimiser, for each parameter its whole state or nothing.

    A parameter has no state where it never had a gradient: that of a loss that is off.

    Args:
        file: the checkpoint, which messages name.
        states: tensors of the checkpoint whose names begin with `optimiser/`.

    Raises:
        RunError: the state is not complete, has other shapes, or is not finite.
    """
    parts = {name: _key_and_parameter(name) for name in states}
    # Half a state would let Adam take a first step with the averages of late ones.
    found = set(parts.values())
    with_state = {parameter for _, parameter in found} & parameters.keys()
    complete = {(key, name) for key in _KEYS for name in with_state}
    if found != complete:
        raise RunError(
            f"{file}: the optimiser's state does not belong to its tensors; train again"
        )
    for name, value in states.items():
        key, parameter_name = parts[name]
        parameter = parameters[parameter_name]
        shape = () if key == _STEP else parameter.shape
        if value.shape != shape or not torch.isfinite(value).all():
            raise RunError(f"{file}: {name} is not finite or does not fit; train again")
        # Fused Adam counts its steps beside the parameter, any other on the CPU.
        on_cpu = key == _STEP and not optimiser.defaults.get("fused")
        device = value.device if on_cpu else parameter.device
        optimiser.state[parameter][key] = value.to(device)


def _key_and_parameter(name: str) -> tuple[str, str]:
    """`optimiser/exp_avg/visual.prompts` -> `exp_avg`, `visual.prompts`."""
    key, _, parameter = name.removeprefix(OPTIMISER_PREFIX).partition("/")
    return key, parameter
