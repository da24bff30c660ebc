"""Optimiser and learning rate, against PyTorch's own schedulers and plain arithmetic."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from avdf.model.runs.config import RunConfig, TrainingSettings
from avdf.model.runs.log import read_log
from avdf.model.training import start as training
from avdf.model.training.progress import TrainProgress
from avdf.model.training.step import build_optimiser

CPU = torch.device("cpu")


def rates(settings: TrainingSettings, epochs: int) -> list[float]:
    return [settings.rate(epoch) for epoch in range(1, epochs + 1)]


def pytorchs_cosine(rate: float, lowest: float, cycle: int) -> list[float]:
    """The learning rates of one cycle, from PyTorch's scheduler."""
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=rate)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimiser, T_max=cycle - 1, eta_min=lowest
    )
    found = []
    for _ in range(cycle):
        found.append(float(optimiser.param_groups[0]["lr"]))
        optimiser.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("cycle", [2, 5, 15])
def test_a_cycle_is_pytorchs_cosine_and_begins_anew(cycle: int) -> None:
    settings = TrainingSettings(
        learning_rate=1e-3, decay=0.05, schedule="cosine", cycle=cycle
    )
    wanted = pytorchs_cosine(1e-3, 5e-5, cycle)
    assert rates(settings, 3 * cycle) == pytest.approx(wanted * 3)


def test_a_cycle_of_one_epoch_keeps_the_rate() -> None:
    settings = TrainingSettings(schedule="cosine", cycle=1)
    assert rates(settings, 4) == pytest.approx([1e-4] * 4)


def test_the_default_falls_once() -> None:
    assert rates(TrainingSettings(), 15) == [1e-4] * 11 + [1e-4 * 0.1] * 4


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12))
def test_the_rate_of_an_epoch_does_not_depend_on_how_many_there_are(
    few: int, more: int, cycle: int
) -> None:
    short = TrainingSettings(epochs=few, schedule="cosine", cycle=cycle)
    long = TrainingSettings(epochs=few + more, schedule="cosine", cycle=cycle)
    assert rates(short, few) == rates(long, few)


def test_adamw_makes_tensors_smaller_by_rate_times_decay() -> None:
    settings = TrainingSettings(learning_rate=0.1, optimiser="adamw", weight_decay=0.5)
    tensor = torch.tensor([2.0, -4.0], requires_grad=True)
    optimiser = build_optimiser([tensor], settings, CPU)
    tensor.grad = torch.zeros(2)
    optimiser.step()
    # Without a gradient nothing but the decay is left: 1 - 0.1 * 0.5.
    assert tensor.tolist() == pytest.approx([2.0 * 0.95, -4.0 * 0.95])


def test_the_default_is_adam_without_decay() -> None:
    tensor = torch.tensor([2.0], requires_grad=True)
    optimiser = build_optimiser([tensor], TrainingSettings(), CPU)
    assert type(optimiser) is torch.optim.Adam
    tensor.grad = torch.zeros(1)
    optimiser.step()
    assert tensor.tolist() == [2.0]


def test_a_run_with_adamw_and_cosines_resumes_to_the_same_bits(
    shards: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    settings = replace(
        tiny_config.training,
        optimiser="adamw",
        weight_decay=0.1,
        schedule="cosine",
        cycle=2,
        checkpoint_steps=1,
    )
    config = replace(tiny_config, training=settings)
    training.train(shards, tmp_path / "whole", config)

    def stop(now: TrainProgress) -> None:
        if now.step >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(shards, tmp_path / "run", config, on_progress=stop)
    training.train(shards, tmp_path / "run", config, resume=True)
    wanted = load_file(tmp_path / "whole" / "last.safetensors")
    found = load_file(tmp_path / "run" / "last.safetensors")
    assert wanted.keys() == found.keys()
    assert all(torch.equal(value, found[name]) for name, value in wanted.items())
    rate = {
        line["epoch"]: line["rate"] for line in read_log(tmp_path / "run/log.jsonl")
    }
    assert rate == pytest.approx({1: 1e-3, 2: 1e-4})


def test_weight_decay_needs_adamw() -> None:
    with pytest.raises(ValueError, match=r"only adamw uses"):
        TrainingSettings(weight_decay=0.1)


def test_a_cycle_has_an_epoch() -> None:
    with pytest.raises(ValueError, match=r"training\.cycle is 0"):
        TrainingSettings(cycle=0)
