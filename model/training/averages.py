"""An exponential moving average of the trainable tensors: what is validated, kept and scored."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor


class Averages:
    """Averages of tensors that are trained, each average <- d average + (1 - d) tensor.

    After step n the decay d is the smaller of `decay` and (1 + n) / (10 + n): the first averages
    are over few steps, since the starting values say nothing.

    values  the averages by name; within `in_use`, the tensors that are trained on
    steps   how many steps they are over
    """

    def __init__(self, parameters: Mapping[str, Tensor], decay: float) -> None:
        self._parameters, self._decay = dict(parameters), decay
        # Before the first step, the average is the tensor itself.
        self.values = {
            name: value.detach().clone() for name, value in parameters.items()
        }
        self.steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the tensors as they are after one more step."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        for name, average in self.values.items():
            # average + (1 - d) (tensor - average)
            average.lerp_(self._parameters[name], 1 - decay)

    def restore(self, values: Mapping[str, Tensor], steps: int) -> None:
        """Go on from averages over so many steps."""
        for name, average in self.values.items():
            average.copy_(values[name])
        self.steps = steps

    @contextmanager
    def in_use(self) -> Iterator[Mapping[str, Tensor]]:
        """Inside the block the detector has the averages.

        Yields:
            The tensors that are trained on, by name.
        """
        self._exchange()
        try:
            yield self.values
        finally:
            self._exchange()

    @torch.no_grad()
    def _exchange(self) -> None:
        for name, parameter in self._parameters.items():
            trained = parameter.clone()
            parameter.copy_(self.values[name])
            self.values[name].copy_(trained)
