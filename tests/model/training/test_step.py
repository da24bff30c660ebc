"""One training step: it changes the trainable tensors, unless the loss is not finite."""

import pytest
import torch

from avdf.model.detector import Detector
from avdf.model.inference.inputs import detector_input
from avdf.model.losses import Losses, LossSettings
from avdf.model.runs.config import RunConfig
from avdf.model.training.step import loss_values, train_step
from tests.helpers.batches import make_batch

LABELS = torch.tensor([[0, 0, 0], [1, 1, 0]])


@pytest.fixture
def learner(tiny_config: RunConfig) -> tuple[Detector, torch.optim.Optimizer]:
    detector = Detector(tiny_config.model)
    detector.hold_frozen(torch.float32)
    return detector, torch.optim.Adam(detector.trainable_state().values(), lr=1e-3)


def step(learner: tuple[Detector, torch.optim.Optimizer], scale: float = 1.0) -> Losses:
    frames, log_mel = detector_input(make_batch(2), torch.device("cpu"))
    return train_step(*learner, (frames * scale, log_mel), LABELS, LossSettings())


def copy_of(detector: Detector) -> dict[str, torch.Tensor]:
    return {
        name: value.detach().clone()
        for name, value in detector.trainable_state().items()
    }


def test_a_step_changes_every_trainable_tensor(
    learner: tuple[Detector, torch.optim.Optimizer],
) -> None:
    before = copy_of(learner[0])
    step(learner)
    after = learner[0].trainable_state()
    assert all(not torch.equal(before[name], after[name]) for name in before)


def test_a_second_step_on_the_same_batch_has_a_smaller_loss(
    learner: tuple[Detector, torch.optim.Optimizer],
) -> None:
    first, second = step(learner), step(learner)
    assert second.total < first.total


def test_a_loss_that_is_not_finite_changes_nothing(
    learner: tuple[Detector, torch.optim.Optimizer],
) -> None:
    before = copy_of(learner[0])
    losses = step(learner, scale=float("nan"))
    after = learner[0].trainable_state()
    assert not torch.isfinite(losses.total)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_losses_have_the_names_of_the_log(
    learner: tuple[Detector, torch.optim.Optimizer],
) -> None:
    values = loss_values(step(learner))
    assert list(values)[:5] == ["loss", "visual", "audio", "video", "matching"]
    parts = sum(values[name] for name in ("visual", "audio", "video", "matching"))
    assert values["loss"] == pytest.approx(parts)
