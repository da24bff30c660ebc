"""The detector in training, with the losses that train it and the optimiser."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch

from avdf.cache.core.errors import WeightsError
from avdf.cache.machine.device import choose_device
from avdf.cache.stream.batches import SegmentBatch
from avdf.model.detector import Detector
from avdf.model.inference.inputs import detector_input
from avdf.model.inference.precision import choose_precision, describe_computing
from avdf.model.losses import Losses
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.checkpoint_reader import load_trainable
from avdf.model.runs.config import RunConfig
from avdf.model.runs.trained import (
    active_losses,
    masked_losses,
    trained_parts,
    untrained_notes,
)
from avdf.model.training.averages import Averages
from avdf.model.training.distributed import Ranks
from avdf.model.training.label_classes import (
    find_classes,
    missing_everywhere,
    with_forged,
)
from avdf.model.training.step import build_optimiser, train_step
from avdf.model.training.training_set import TrainingSet


class Learner:
    """A detector on this rank's device with all that a training step needs.

    trained   of `visual`, `audio`, `video`, `matching`: what the training videos can train
    untrained losses that the configuration turns on and the training videos cannot train
    notes     one sentence for each of them
    computed  on which device and in which precision it trains
    steps_ahead  how many further steps are begun before the losses of a step are read

    Raises:
        SettingsError: the training videos cannot train any verdict, or the device is not there.
        WeightsError: the weights of a backbone are missing, or differ between the ranks.
    """

    def __init__(self, config: RunConfig, data: TrainingSet, ranks: Ranks) -> None:
        # What can be trained is known from the labels, before the weights are loaded.
        classes = find_classes(data.train, config.data.labels)
        classes = with_forged(classes, data.train, data.forgers)
        self.trained = trained_parts(classes, config)
        missing = missing_everywhere(data.train)
        self.notes = untrained_notes(classes, config, self.trained, missing)
        # A verdict whose labels have one class only would learn to answer that class: its loss is
        # off.
        wanted = active_losses(config.losses)
        self.untrained = [name for name in wanted if name not in self.trained]
        self._losses = masked_losses(config.losses, self.trained)
        self._ranks = ranks

        self.device = ranks.device(choose_device(config.training.device))
        precision = choose_precision(config.training.precision, self.device)
        self.computed = describe_computing(self.device, precision)
        self.detector = Detector(config.model).to(self.device)
        # Only the frozen weights take the precision; trainable tensors stay in float32.
        self.detector.hold_frozen(precision, config.training.compile)
        # Adam sees the trainable tensors alone, so its state stays as small as they are.
        parameters = self.detector.trainable_state().values()
        self.optimiser = build_optimiser(parameters, config.training, self.device)
        self._averages: Averages | None = None
        if config.training.ema:
            trainable = self.detector.trainable_state()
            self._averages = Averages(trainable, config.training.ema)
        # A GPU computes one step while the program already prepares the next one.
        self.steps_ahead = 1 if self.device.type == "cuda" else 0
        self._check_backbones()

    def set_learning_rate(self, rate: float) -> None:
        """Use this learning rate from the next step on."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate

    def step(self, batch: SegmentBatch, labels: torch.Tensor) -> Losses:
        """Train on this rank's part of a batch, with labels (B, 3)."""
        inputs = detector_input(batch, self.device, self.detector.mel_bins)
        losses = train_step(
            self.detector, self.optimiser, inputs, labels, self._losses, self._ranks
        )
        if self._averages is not None:
            self._averages.update()
        return losses

    @contextmanager
    def averaged(self) -> Iterator[Mapping[str, torch.Tensor]]:
        """Inside the block the detector has what is validated, kept and scored: the averages.

        Without averages nothing changes.

        Yields:
            The tensors that are trained on, by name; none without averages.
        """
        if self._averages is None:
            yield {}
            return
        with self._averages.in_use() as trained:
            yield trained

    def begin_from(self, checkpoint: Path, info: CheckpointInfo) -> None:
        """Take the trainable tensors of another run's checkpoint, before the first step."""
        load_trainable(checkpoint, self.detector, info)
        if self._averages is not None:
            self._averages.restore(self.detector.trainable_state(), steps=0)

    def restore(self, checkpoint: Path, info: CheckpointInfo) -> None:
        """Take the trainable tensors and the optimiser's state from a checkpoint."""
        if self._averages is None:
            load_trainable(checkpoint, self.detector, info, self.optimiser)
            return
        averages: dict[str, torch.Tensor] = {}
        load_trainable(checkpoint, self.detector, info, self.optimiser, averages)
        self._averages.restore(averages, info.step)

    def _check_backbones(self) -> None:
        """Refuse ranks with different backbones: the files may differ from machine to machine."""
        own = {name: info.sha256 for name, info in self.detector.backbones.items()}
        # With other weights on another machine, training would run on without an error and be
        # wrong.
        hashes = self._ranks.collect(own)
        if any(other != hashes[0] for other in hashes):
            raise WeightsError(
                "the ranks have different backbone weights; give each machine the same files"
            )
