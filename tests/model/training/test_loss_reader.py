"""Losses arrive as numbers, under the names of the log."""

import torch

from avdf.model.losses import Losses
from avdf.model.training.loss_reader import NAMES, LossReader


def test_each_loss_has_its_own_name() -> None:
    losses = Losses(*(torch.tensor(float(number)) for number in range(7)))
    values = LossReader(losses).values()
    assert list(values.items()) == [(name, float(at)) for at, name in enumerate(NAMES)]


def test_losses_can_be_read_after_the_tensors_have_changed() -> None:
    total = torch.tensor(1.0)
    rest = [torch.tensor(0.0)] * 6
    reader = LossReader(Losses(total, *rest))
    total += 5
    assert reader.values()["loss"] == 1.0
