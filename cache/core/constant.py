"""A constant of a computation, on whichever device computes."""

from collections.abc import Sequence

import torch


class Constant:
    """Numbers that are copied to each device once, rather than in each step.

    A copy to a GPU makes the program wait until the GPU has finished all earlier work.
    """

    def __init__(self, values: Sequence[float] | torch.Tensor) -> None:
        self._values = torch.as_tensor(values)
        self._copies: dict[torch.device, torch.Tensor] = {}

    def on(self, device: torch.device) -> torch.Tensor:
        """The numbers as a tensor on a device, not to be changed."""
        if device not in self._copies:
            # Scoring may ask first, in inference mode: its tensors could not be trained with later.
            with torch.inference_mode(False):
                self._copies[device] = self._values.to(device)
        return self._copies[device]
