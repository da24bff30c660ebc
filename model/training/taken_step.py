"""A step that was taken: what is logged of it, and the stop where its loss is not finite."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from avdf.cache.core.errors import RunError
from avdf.model.training.loss_reader import LossReader


@dataclass(frozen=True)
class TakenStep:
    """One step of training.

    step    its number in the run, from 1 on
    epoch   its epoch, from 1 on
    rate    the learning rate
    speed   segments per second, over all ranks
    videos  positions in the training set of this rank's part of the batch
    losses  read from the device when they are asked for
    """

    step: int
    epoch: int
    rate: float
    speed: float
    videos: tuple[int, ...]
    losses: LossReader

    def log_line(
        self, values: dict[str, float], untrained: Sequence[str]
    ) -> dict[str, float | None]:
        """A line of `log.jsonl`: None for a loss that is not finite or that nothing can train."""
        # JSON has no NaN: a loss that is not finite becomes null.
        finite = {
            name: value if math.isfinite(value) else None
            for name, value in values.items()
        }
        return {
            "step": self.step,
            "epoch": self.epoch,
            "rate": self.rate,
            **finite,
            **dict.fromkeys(untrained),
            "segments_per_second": self.speed,
        }

    def not_finite(self, values: dict[str, float], videos: Sequence[str]) -> RunError:
        """The error that stops a run whose loss is not finite; `videos` are those of the batch."""
        losses = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        return RunError(
            f"step {self.step}: a loss is not finite ({losses}); "
            f"the batch was {', '.join(videos)}"
        )
