"""A GPU's losses are read one step late: the run must be the same, and nothing wrong is saved."""

from dataclasses import replace
from pathlib import Path

import pytest

from avdf.cache.core.errors import RunError
from avdf.model.runs.config import RunConfig
from avdf.model.runs.log import read_log
from avdf.model.training.learner import Learner
from avdf.model.training.progress import TrainProgress
from avdf.model.training.start import train


@pytest.fixture(autouse=True)
def _late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read losses as late as with a GPU, which the machine of the tests need not have."""

    def set_ahead(learner: Learner, _value: int) -> None:
        learner.__dict__["_ahead"] = 1

    late = property(lambda _learner: 1, set_ahead)
    monkeypatch.setattr(Learner, "steps_ahead", late, raising=False)


def without_speed(run: Path) -> list[dict[str, object]]:
    lines = read_log(run / "log.jsonl")
    return [
        {name: value for name, value in line.items() if name != "segments_per_second"}
        for line in lines
    ]


@pytest.mark.parametrize("checkpoint_steps", [0, 1, 2])
def test_the_log_is_that_of_losses_read_at_once(
    checkpoint_steps: int,
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    training = replace(tiny_config.training, checkpoint_steps=checkpoint_steps)
    train(shards, tmp_path / "late", replace(tiny_config, training=training))
    assert without_speed(tmp_path / "late") == without_speed(run)


def test_every_step_is_reported_once_and_in_order(
    shards: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    reported: list[TrainProgress] = []
    train(shards, tmp_path / "late", tiny_config, on_progress=reported.append)
    steps = [progress.step for progress in reported if not progress.validation]
    assert steps == [1, 2, 3, 4, 5, 6]


def test_a_loss_that_is_not_finite_stops_the_run_before_a_checkpoint(
    shards: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    # Such a rate makes the second step's loss infinite; the first one is saved.
    training = replace(tiny_config.training, learning_rate=1e30, checkpoint_steps=1)
    with pytest.raises(RunError, match=r"step 2: a loss is not finite"):
        train(shards, tmp_path / "run", replace(tiny_config, training=training))
    log = read_log(tmp_path / "run" / "log.jsonl")
    assert [line["step"] for line in log] == [1, 2]
    assert log[1]["loss"] is None
