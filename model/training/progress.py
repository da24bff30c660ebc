"""How far training has come, and what it ended with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from avdf.model.thresholds import Thresholds
from avdf.model.training.training_set import TrainingSet


@dataclass(frozen=True)
class TrainProgress:
    """The state after one step; `validation` is filled only after the last step of an epoch.

    epoch, epochs        the epoch at work, counted from 1, and how many there will be
    step, steps          steps taken since the run began, and how many there will be
    loss                 total loss of the step
    segments_per_second  of all ranks together, during the step
    validation           metrics by name, as in `epochs.jsonl`
    warnings             what is wrong with the run so far, one sentence each; after an epoch
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    segments_per_second: float
    validation: dict[str, float | None]
    warnings: tuple[str, ...] = ()


OnProgress = Callable[[TrainProgress], None]


def ignore_progress(_: TrainProgress) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class TrainingOutcome:
    """A finished run: the epoch, thresholds and validation metrics of its best checkpoint.

    notes  one sentence for each reason why the run may be unreliable
    """

    folder: Path
    epoch: int
    thresholds: Thresholds
    validation: dict[str, float | None]
    data: TrainingSet
    notes: tuple[str, ...] = ()
