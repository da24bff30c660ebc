"""Options that cannot be meant: one sentence and exit code 2, before anything is done or made."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cli.train import advice_after_interrupt
from avdf.model.runs.folder import RunFolder
from avdf.pipeline.job.device import device_name
from tests.helpers.command import call


def test_options_that_cannot_be_meant(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"x")
    out = tmp_path / "out"
    writing: list[tuple[tuple[object, ...], str]] = [
        (("prep", clip, "--device", "cuda"), "no CUDA device"),
        (("prep", clip, "--device", "meta"), "is unknown"),
        (("prep", clip, "--device", "gpu9"), "unknown"),
        (("prep", clip, "--max-seconds", "nan"), "must be above 0"),
        (("prep", clip, "--max-seconds", -1), "must be above 0"),
        (("prep", clip, "--workers", -1), "workers -1"),
        (("prep", clip, "--workers", 10**9), "a number up to"),
        (("prep", clip, "--executor", "ray", "--workers", -1), "workers -1"),
        (("prep", clip, "--videos-per-shard", -1), "videos_per_shard"),
        (("demo", "--workers", -1), "workers -1"),
        (("demo", "--seconds", "nan"), "--seconds"),
        (("demo", "--identities", 0), "--identities"),
        (("reproduce", "table1", "--demo", "--workers", -1), "workers -1"),
    ]
    for words, message in writing:
        code, text = call(*words, "--out", out)
        assert (
            code == 2 and message in " ".join(text.split()) and "Traceback" not in text
        ), (
            words,
            text,
        )
    printing: list[tuple[tuple[object, ...], str]] = [
        (("bench", "prep", tmp_path / "nofile"), "no such file"),
        (("bench", "prep", clip, "--device", "cuda"), "no CUDA device"),
        (("bench", "prep", clip, "--workers", -1), "workers -1"),
        (("bench", "prep", clip, "--laps", 0), "--laps"),
        (("bench", "train", "--steps", 0), "--steps"),
    ]
    for words, message in printing:
        code, text = call(*words)
        assert code == 2 and message in " ".join(text.split()), (words, text)
    assert not out.exists()


def test_the_driver_of_a_cluster_needs_no_gpu() -> None:
    assert device_name("cuda", here=False) == "cuda" and device_name("cpu") == "cpu"
    with pytest.raises(SettingsError, match="cpu or cuda"):
        device_name("auto", here=False)
    with pytest.raises(SettingsError, match="GPUs for each worker"):
        ClusterSettings(gpus=float("nan"))


def test_ctrl_c_while_workers_load_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in "abcd":
        (tmp_path / "in" / f"{name}.mp4").write_bytes(b"x")
    command = [
        sys.executable,
        "-m",
        "avdf.cli.main",
        "prep",
        str(tmp_path / "in"),
        "--out",
        str(tmp_path / "out"),
    ]
    process = subprocess.Popen(
        command,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not any(b"forkserver" in line for line in command_lines(process.pid)):
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)  # the server that workers are copied from is up, and loads PyTorch
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == "avdf: interrupted; the same command continues where it stopped\n"


def command_lines(parent: int) -> list[bytes]:
    children = (
        Path(f"/proc/{parent}/task/{parent}/children")
        .read_text(encoding="ascii")
        .split()
    )
    found = []
    for child in children:
        try:
            found.append(Path(f"/proc/{child}/cmdline").read_bytes())
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    "words",
    [
        ("prep", "", "--out", "o"),
        ("prep", "a.mp4", "--out", ""),
        ("prep", "a.mp4", "--out="),
        ("verify", ""),
        ("bench", "prep", ""),
        ("train", "shards", "--out", ""),
    ],
)
def test_an_empty_argument_is_not_the_current_folder(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    code, text = call(*words)
    assert code == 2 and text == "avdf: an argument is empty; is a variable not set?\n"
    assert os.listdir(tmp_path) == ["a.mp4"]  # noqa: PTH208


def test_a_setting_without_a_value_is_told_as_before(tmp_path: Path) -> None:
    """Only `--option=` with nothing behind it is empty; `--set section.key=` is not."""
    code, text = call(
        "train", tmp_path, "--out", tmp_path / "run", "--set", "training.epochs="
    )
    assert code == 2 and "an argument is empty" not in text


def test_resuming_is_advised_as_it_is_accepted(tmp_path: Path) -> None:
    """What Ctrl-C advises names every option that --resume refuses."""
    run = RunFolder(tmp_path)
    for kind in ("safetensors", "json"):
        run.last.with_suffix(f".{kind}").write_bytes(b"x")
    advice = advice_after_interrupt(tmp_path)
    _, refusal = call(
        "train", "shards", "--out", tmp_path, "--resume", "--backbones", "demo"
    )
    # The advice is for whoever types the command, the refusal for callers from Python too.
    for flag, option in (
        ("--config", "config"),
        ("--set", "settings"),
        ("--backbones", "backbones"),
    ):
        assert flag in advice and option in refusal
