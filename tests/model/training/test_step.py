"""One training step: it changes the trainable tensors, unless the loss is not finite."""

import pytest
import torch

from avdf.model.bench.host_syncs import count_host_syncs
from avdf.model.detector import Detector
from avdf.model.inference.inputs import detector_input
from avdf.model.losses import Losses, LossSettings
from avdf.model.runs.config import RunConfig, TrainingSettings
from avdf.model.training.loss_reader import LossReader
from avdf.model.training.step import build_optimiser, train_step
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
    values = LossReader(step(learner)).values()
    assert list(values)[:5] == ["loss", "visual", "audio", "video", "matching"]
    parts = sum(values[name] for name in ("visual", "audio", "video", "matching"))
    assert values["loss"] == pytest.approx(parts)


@pytest.fixture
def fused(tiny_config: RunConfig) -> tuple[Detector, torch.optim.Optimizer]:
    """A detector with the optimiser that trains on a GPU."""
    detector = Detector(tiny_config.model)
    detector.hold_frozen(torch.float32)
    parameters = detector.trainable_state().values()
    return detector, torch.optim.Adam(parameters, lr=1e-3, fused=True)


RATE = TrainingSettings(learning_rate=1e-3)


def test_on_a_cpu_adam_is_the_plain_one() -> None:
    optimiser = build_optimiser([torch.zeros(2)], RATE, torch.device("cpu"))
    assert not optimiser.defaults["fused"]


def test_on_a_gpu_adam_is_the_fused_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without a GPU, PyTorch refuses to build it: what it is asked for is looked at.
    asked: dict[str, object] = {}
    monkeypatch.setattr(
        torch.optim, "Adam", lambda _parameters, **options: asked.update(options)
    )
    build_optimiser([torch.zeros(2)], RATE, torch.device("cuda"))
    assert asked == {"lr": 1e-3, "fused": True}


def test_the_fused_optimiser_leaves_tensors_as_they_are_at_a_loss_that_is_not_finite(
    fused: tuple[Detector, torch.optim.Optimizer],
) -> None:
    step(fused)
    before = copy_of(fused[0])
    losses = step(fused, scale=float("nan"))
    after = fused[0].trainable_state()
    assert not torch.isfinite(losses.total)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_fused_optimiser_goes_on_after_a_loss_that_is_not_finite(
    fused: tuple[Detector, torch.optim.Optimizer],
) -> None:
    first = step(fused)
    step(fused, scale=float("nan"))
    assert step(fused).total < first.total


def test_both_optimisers_take_the_same_step(
    learner: tuple[Detector, torch.optim.Optimizer],
    fused: tuple[Detector, torch.optim.Optimizer],
) -> None:
    step(learner)
    step(fused)
    plain = learner[0].trainable_state()
    for name, value in fused[0].trainable_state().items():
        torch.testing.assert_close(value, plain[name], atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("labels", [LABELS, torch.full((2, 3), -1)])
def test_a_step_reads_nothing_from_the_device(
    fused: tuple[Detector, torch.optim.Optimizer], labels: torch.Tensor
) -> None:
    batch = make_batch(2)
    cpu = torch.device("cpu")

    def whole_step() -> None:
        inputs = detector_input(batch, cpu)
        LossReader(train_step(*fused, inputs, labels, LossSettings()))

    whole_step()  # creates the optimiser's state and the constants
    assert count_host_syncs(whole_step) == 0
