"""Training by several processes: the same losses and gradients as by one."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from avdf.cache.files.folder_lock import folder_lock
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.log import read_log
from avdf.model.training.start import train
from tests.helpers.tiny_run import TINY_SETTINGS

_SETTINGS = (
    *TINY_SETTINGS,
    "training.epochs=2",
    "training.learning_rate=1e-3",
    "training.precision=float32",
)

# The gradients of one step, for each list of settings in a JSON file: by one process or by two.
_ONE_STEP = """
import json, sys, torch
from avdf.model.inference.inputs import detector_input
from avdf.model.detector import Detector
from avdf.model.losses import detector_losses
from avdf.model.training.distributed import joined
from avdf.model.runs.config_sources import load_config
from tests.helpers.batches import make_batch
torch.set_num_threads(1)
batch, labels = make_batch(8), torch.tensor([[0, 0, 0], [1, 1, 0], [1, 0, 1], [1, -1, -1]] * 2)
found = {}
with joined() as ranks:
    own = slice(ranks.rank * 8 // ranks.world, (ranks.rank + 1) * 8 // ranks.world)
    for name, settings in json.load(open(sys.argv[2])).items():
        config = load_config(None, settings)
        detector = Detector(config.model)
        detector.hold_frozen(torch.float32)
        frames, mel = detector_input(batch, torch.device("cpu"))
        outputs, all_labels = ranks.gather(detector(frames[own], mel[own]), labels[own])
        losses = detector_losses(outputs, all_labels, config.losses)
        losses.total.backward()
        ranks.add_gradients(detector.trainable_state().values())
        gradients = {name: value.grad for name, value in detector.trainable_state().items()}
        found[name] = {"total": losses.total.detach(), "gradients": gradients}
    if ranks.leads:
        torch.save(found, sys.argv[1])
"""


def torchrun(*words: object, ranks: int = 2) -> list[str]:
    launcher = (
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        str(ranks),
    )
    return [sys.executable, *launcher, *(str(word) for word in words)]


def test_two_ranks_of_four_give_the_gradients_of_one_of_eight(tmp_path: Path) -> None:
    rows = {
        "full": [],
        "no-audio-loss": ["training.audio_loss=false"],
        "audio-alone": ["model.branches=audio"],
    }
    (tmp_path / "step.py").write_text(_ONE_STEP, encoding="utf-8")
    settings = {name: [*_SETTINGS, *more] for name, more in rows.items()}
    (tmp_path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path]),
    }
    step, given = tmp_path / "step.py", tmp_path / "settings.json"
    alone = [sys.executable, str(step), str(tmp_path / "1.pt"), str(given)]
    for command in (alone, torchrun(step, tmp_path / "2.pt", given)):
        subprocess.run(command, check=True, env=environment, capture_output=True)
    of_one, of_two = (
        torch.load(tmp_path / f"{ranks}.pt", weights_only=True) for ranks in (1, 2)
    )
    for name in rows:
        one, two = of_one[name], of_two[name]
        torch.testing.assert_close(two["total"], one["total"], atol=1e-6, rtol=1e-6)
        assert any(gradient is not None for gradient in one["gradients"].values())
        for tensor, gradient in one["gradients"].items():
            if gradient is None:
                assert two["gradients"][tensor] is None
            else:
                torch.testing.assert_close(
                    two["gradients"][tensor],
                    gradient,
                    atol=1e-6,
                    rtol=1e-4,
                )


def losses_of(run: Path) -> list[dict[str, float]]:
    return [
        {name: line[name] for name in ("step", "loss", "matching")}
        for line in read_log(run / "log.jsonl")
    ]


def close(value: float | None) -> object:
    return None if value is None else pytest.approx(value, rel=1e-3)


def close_to(lines: list[dict[str, float]]) -> list[dict[str, object]]:
    return [{key: close(value) for key, value in line.items()} for line in lines]


def test_torchrun_trains_as_one_process_and_goes_on_with_another_number(
    shards: Path,
    tmp_path: Path,
) -> None:
    config = load_config(None, _SETTINGS)
    train(shards, tmp_path / "one", config)
    single = losses_of(tmp_path / "one")
    settings = [word for setting in _SETTINGS for word in ("--set", setting)]
    command = ("-m", "avdf.cli.main", "train", shards, "--out")
    done = subprocess.run(
        torchrun(*command, tmp_path / "two", *settings),
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.count("best checkpoint") == 1  # rank 0 alone tells
    assert losses_of(tmp_path / "two") == close_to(single)
    told, other = (
        read_log(tmp_path / name / "epochs.jsonl") for name in ("two", "one")
    )
    assert told == close_to(other)

    half = tmp_path / "half"  # begun by two, ended by one
    words = (*command, half, *settings, "--set", "training.checkpoint_steps=2")
    process = subprocess.Popen(torchrun(*words), stderr=subprocess.DEVNULL)
    while not (half / "last.json").is_file():
        assert process.poll() is None
        time.sleep(0.01)
    kill_all(half)
    process.wait()
    train(shards, half, config, resume=True)
    assert losses_of(half) == close_to(single)
    tensors = [
        load_file(tmp_path / name / "last.safetensors") for name in ("half", "one")
    ]
    assert tensors[0].keys() == tensors[1].keys()


def processes_of(folder: Path) -> list[int]:
    """The processes whose command names the folder, the youngest first."""
    command = ["pgrep", "-f", str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return sorted((int(pid) for pid in found.stdout.split()), reverse=True)


def kill(folder: Path, most: int | None = None) -> None:
    """SIGKILL to the processes whose command names the folder, the youngest first."""
    for pid in processes_of(folder)[:most]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_all(folder: Path) -> None:
    """Kill them all, and wait until they are gone and the folder's lock is free.

    A process that dies loses its command line first, and its lock a little later.
    """
    kill(folder)
    while processes_of(folder):
        time.sleep(0.01)
    with folder_lock(folder):
        pass


def test_a_rank_that_dies_ends_the_job_with_its_reason(
    shards: Path,
    tmp_path: Path,
) -> None:
    words = [
        word
        for setting in (*_SETTINGS, "training.epochs=500")
        for word in ("--set", setting)
    ]
    command = torchrun(
        "-m", "avdf.cli.main", "train", shards, "--out", tmp_path / "run", *words
    )
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while len(read_log(tmp_path / "run" / "log.jsonl")) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    kill(tmp_path / "run", most=1)
    _, told = process.communicate(timeout=120)
    assert process.returncode != 0
    assert re.search(r"SIGKILL|Signal 9|exitcode *: *-9", told), told[-3000:]
