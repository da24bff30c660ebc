"""Averages of the trainable tensors: a plain loop, what is scored with, and resuming."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from avdf.cache.core.errors import RunError
from avdf.model.runs.config import RunConfig, TrainingSettings
from avdf.model.runs.loaded import load_run
from avdf.model.runs.log import read_log
from avdf.model.runs.stored_validation import load_validation
from avdf.model.scoring.scorer import score_shards
from avdf.model.training import start as training
from avdf.model.training.averages import Averages
from avdf.model.training.learner import Learner
from avdf.model.training.progress import TrainProgress
from avdf.model.verdicts import VERDICTS, as_columns
from tests.helpers.checkpoints import rewrite_checkpoint

DECAY = 0.7


def plain_average(values: list[float], decay: float) -> float:
    """The average after the steps with these values, of which the first is the starting value."""
    average = values[0]
    for step, value in enumerate(values[1:], start=1):
        own = min(decay, (1 + step) / (10 + step))
        average = own * average + (1 - own) * value
    return average


@pytest.mark.parametrize("decay", [0.1, 0.5, 0.999])
def test_the_average_is_that_of_a_plain_loop(decay: float) -> None:
    parameter = torch.tensor([2.0, -1.0], dtype=torch.float64)
    history = [parameter.tolist()]
    averages = Averages({"one": parameter}, decay)
    for step in range(30):
        parameter += torch.tensor([0.5, -0.25 * step])
        averages.update()
        history.append(parameter.tolist())
    wanted = [
        plain_average(list(values), decay) for values in zip(*history, strict=True)
    ]
    assert averages.values["one"].tolist() == pytest.approx(wanted)


def test_within_the_block_the_tensors_are_exchanged() -> None:
    parameter = torch.tensor([4.0])
    averages = Averages({"one": parameter}, DECAY)
    parameter += 1.0
    with pytest.raises(ZeroDivisionError), averages.in_use() as trained:
        assert parameter.tolist() == [4.0]
        assert trained["one"].tolist() == [5.0]
        raise ZeroDivisionError
    assert parameter.tolist() == [5.0]
    assert averages.values["one"].tolist() == [4.0]


@pytest.mark.parametrize("decay", [-0.1, 1.0, float("nan")])
def test_a_decay_must_be_below_1(decay: float) -> None:
    with pytest.raises(ValueError, match=r"training\.ema"):
        TrainingSettings(ema=decay)


@pytest.fixture(scope="module")
def config(tiny_config: RunConfig) -> RunConfig:
    return replace(tiny_config, training=replace(tiny_config.training, ema=DECAY))


@pytest.fixture(scope="module")
def history() -> list[dict[str, Tensor]]:
    """The trainable tensors at the start and after each step of `averaged`."""
    return []


@pytest.fixture(scope="module")
def averaged(
    shards: Path,
    config: RunConfig,
    history: list[dict[str, Tensor]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A run with averages, whose every step is noted."""
    folder = tmp_path_factory.mktemp("averaged") / "run"
    step = Learner.step

    def noted(learner: Learner, *batch: object) -> object:
        state = learner.detector.trainable_state()
        if not history:
            history.append({name: value.clone() for name, value in state.items()})
        losses = step(learner, *batch)  # type: ignore[arg-type]
        history.append({name: value.clone() for name, value in state.items()})
        return losses

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "step", noted)
        training.train(shards, folder, config)
    return folder


def test_a_run_keeps_the_averages_of_all_of_its_steps(
    averaged: Path, history: list[dict[str, Tensor]]
) -> None:
    tensors = load_file(averaged / "last.safetensors")
    for name in history[0]:
        values = torch.stack([state[name].double().flatten() for state in history])
        wanted = [plain_average(column.tolist(), DECAY) for column in values.T[:50]]
        found = tensors[name].flatten()[:50].tolist()
        assert found == pytest.approx(wanted, rel=1e-5, abs=1e-6)
        assert torch.equal(tensors[f"unaveraged/{name}"], history[-1][name])
    assert not any("/" in name for name in history[0])


def test_training_itself_is_the_same(run: Path, averaged: Path) -> None:
    plain, own = (read_log(folder / "log.jsonl") for folder in (run, averaged))
    assert [line["loss"] for line in own] == [line["loss"] for line in plain]
    before = load_file(run / "last.safetensors")
    after = load_file(averaged / "last.safetensors")
    for name in load_run(run, device="cpu").detector.trainable_state():
        assert torch.equal(after[f"unaveraged/{name}"], before[name])
        assert not torch.equal(after[name], before[name])


def test_validation_and_scoring_use_the_averages(shards: Path, averaged: Path) -> None:
    best = load_file(averaged / "best.safetensors")
    assert not any(name.startswith("unaveraged/") for name in best)
    loaded = load_run(averaged, checkpoint="last", device="cpu")
    last = load_file(averaged / "last.safetensors")
    for name, value in loaded.detector.trainable_state().items():
        assert torch.equal(value, last[name])
    scores = score_shards(loaded, shards, "val")
    validation = load_validation(averaged / "last")
    assert validation is not None
    columns = as_columns(validation.scores.fake)
    for number, video in enumerate(scores.scored):
        own = columns[validation.scores.video == number].mean(axis=0)
        found = [video.probability[verdict] or 0.0 for verdict in VERDICTS]
        np.testing.assert_allclose(own, found, atol=1e-6)


def test_a_resumed_run_has_the_same_averages_to_the_bit(
    shards: Path, config: RunConfig, averaged: Path, tmp_path: Path
) -> None:
    stopped = replace(config, training=replace(config.training, checkpoint_steps=1))

    def stop(now: TrainProgress) -> None:
        if now.step >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(shards, tmp_path / "run", stopped, on_progress=stop)
    training.train(shards, tmp_path / "run", stopped, resume=True)
    wanted = load_file(averaged / "last.safetensors")
    found = load_file(tmp_path / "run" / "last.safetensors")
    assert wanted.keys() == found.keys()
    assert all(torch.equal(value, found[name]) for name, value in wanted.items())


def test_a_checkpoint_without_the_trained_tensors_is_not_resumed(
    shards: Path, averaged: Path, tmp_path: Path
) -> None:
    shutil.copytree(averaged, tmp_path / "run")

    def forget(tensors: dict[str, Tensor], _header: object) -> None:
        for name in [name for name in tensors if name.startswith("unaveraged/")]:
            del tensors[name]

    rewrite_checkpoint(tmp_path / "run" / "last.safetensors", forget)
    with pytest.raises(RunError, match="other names, shapes or types"):
        training.train(shards, tmp_path / "run", RunConfig(), resume=True)
