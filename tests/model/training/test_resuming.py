"""Resuming a run: one process at a time, never anew unasked, with advice that works."""

import fcntl
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from avdf.cache.core.errors import RunError
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import read_log
from avdf.model.training import start as training
from avdf.model.training.progress import TrainProgress
from tests.helpers.command import DEMO_MODEL, call


def test_two_processes_never_train_in_one_folder(
    shards: Path, run: Path, tmp_path: Path
) -> None:
    own = tmp_path / "run"
    shutil.copytree(run, own)
    before = {path: path.read_bytes() for path in own.iterdir() if path.is_file()}
    with (own / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, text = call("train", shards, "--out", own, "--resume")
    assert code == 2 and f"another process is training in {own}" in text
    assert before == {
        path: path.read_bytes() for path in own.iterdir() if path.is_file()
    }
    assert call("train", shards, "--out", own, "--resume")[0] == 0


def test_resume_without_a_checkpoint_does_not_begin_anew(
    shards: Path, run: Path, tmp_path: Path
) -> None:
    own = tmp_path / "run"
    shutil.copytree(run, own)
    for name in ("last.safetensors", "last.json"):
        (own / name).unlink()
    log = (own / "log.jsonl").read_bytes()
    code, text = call("train", shards, "--out", own, "--resume")
    assert (
        code == 2
        and "no checkpoint `last` to continue from" in text
        and "another output folder" in text
    )
    code, text = call("train", shards, "--out", own, *DEMO_MODEL)
    assert code == 2 and "holds a run already" in text  # `best` is there
    assert (own / "log.jsonl").read_bytes() == log


def interrupt_at(step: int) -> Callable[[TrainProgress], None]:
    def tell(now: TrainProgress) -> None:
        if now.step >= step:
            raise KeyboardInterrupt

    return tell


def test_what_ctrl_c_advises_is_accepted(
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, real = tmp_path / "run", training.train

    def stopped(*words: object, **options: object) -> object:
        options["on_progress"] = interrupt_at(stop)
        return real(*words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "train", stopped)
    stop = 1
    code, text = call("train", shards, "--out", out, *DEMO_MODEL)
    assert (
        code == 130
        and "interrupted; there is no checkpoint yet; the same command" in text
    )
    code, text = call("train", shards, "--out", out, "--resume")
    assert code == 2 and "to begin anew" in text
    stop = 2
    code, text = call(
        "train",
        shards,
        "--out",
        out,
        *DEMO_MODEL,
        "--set",
        "training.checkpoint_steps=1",
    )
    assert code == 130 and "with --resume" in text
    # Begun anew: the log has no lines of the first try.
    steps = [line["step"] for line in read_log(out / "log.jsonl")]
    assert steps == [1, 2]
    monkeypatch.undo()
    assert call("train", shards, "--out", out, "--resume")[0] == 0


def test_score_advises_what_it_does(
    shards: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("avdf.scoring.score_shards", interrupt)
    code, text = call("score", run, shards, "--out", tmp_path / "scores")
    assert code == 130 and "the same command starts from the beginning" in text
    monkeypatch.undo()
    assert call("score", run, shards, "--out", tmp_path / "scores")[0] == 0


def test_the_lock_is_released(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for _ in range(2):
        with (
            folder.locked(),
            pytest.raises(RunError, match="another process"),
            folder.locked(),
        ):
            pass


@pytest.mark.parametrize(
    ("loss", "learned_temperature"),
    [
        ("visual_loss", False),
        ("audio_loss", False),
        ("matching_loss", False),
        ("matching_loss", True),
    ],
)
def test_a_run_with_a_loss_off_resumes_to_the_same_bits(
    loss: str,
    learned_temperature: bool,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    # What only that loss trains never has a gradient, so Adam keeps no state of it.
    switched = replace(tiny_config.training, **{loss: False}, epochs=1)  # type: ignore[arg-type]
    model = replace(tiny_config.model, learned_temperature=learned_temperature)
    config = replace(tiny_config, model=model, training=switched)
    training.train(shards, tmp_path / "whole", config)

    stopped = replace(config, training=replace(switched, checkpoint_steps=1))
    with pytest.raises(KeyboardInterrupt):
        training.train(
            shards, tmp_path / "stopped", stopped, on_progress=interrupt_at(2)
        )
    training.train(shards, tmp_path / "stopped", stopped, resume=True)

    whole = load_file(tmp_path / "whole" / "last.safetensors")
    resumed = load_file(tmp_path / "stopped" / "last.safetensors")
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        # Validation has no score, but NaN, for a verdict that is not trained.
        torch.testing.assert_close(resumed[name], value, atol=0, rtol=0, equal_nan=True)
