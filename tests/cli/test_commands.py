"""The command: flags, exit codes, and one clear sentence for bad input at every door."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.helpers.command import DEMO_MODEL, call, call_json


def test_from_manifest_to_verdict(synthetic_manifest: Path, tmp_path: Path) -> None:
    code, text = call(
        "prep", synthetic_manifest, "--out", tmp_path / "shards", "--workers", 2
    )
    assert code == 0 and "18 videos: 18 ok (18 done now)" in text
    code, text = call("prep", synthetic_manifest, "--out", tmp_path / "shards")
    assert code == 0 and "nothing to do" in text
    code, text = call(
        "train", tmp_path / "shards", "--out", tmp_path / "run", *DEMO_MODEL
    )
    assert code == 0 and "best checkpoint: epoch 1" in text
    code, text = call(
        "score", tmp_path / "run", tmp_path / "shards", "--out", tmp_path / "scores"
    )
    assert (
        code == 0
        and "6 of 6 videos scored" in text
        and "every video were called fake" in text
    )
    assert {path.name for path in (tmp_path / "scores").iterdir()} == {
        ".avdf.json",
        "segments.csv",
        "videos.csv",
        "metrics.json",
        "report.html",
    }
    clip = synthetic_manifest.parent / "p4_real.mp4"
    code, text = call("score", tmp_path / "run", clip)
    assert (
        code == 0
        and len(
            re.findall(
                r"(?:video|visual|audio) +(?:real|fake) +P\(fake\) 0\.\d{3}", text
            )
        )
        == 3
    )
    found = call_json("score", tmp_path / "run", clip)
    video, (timeline,) = found["videos"][0], found["timelines"]["p4_real.mp4"]
    assert code == 0 and video["status"] == "ok" and 0 <= video["p_video"] <= 1
    assert (
        len(timeline["p_visual"]) == len(timeline["distance"])
        and timeline["frames_per_second"] == 25
    )
    faces = found["faces"]["p4_real.mp4"]
    assert (
        faces["faces_at_once"] == 1
        and faces["tracks"][0]["start"] == 0
        and faces["tracks"][0]["end"] > 1
    )
    assert all(row["start"] < row["end"] for row in found["intervals"])
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"x")
    code, text = call("score", tmp_path / "run", clip, bad)
    assert code == 3 and "no verdict (corrupt)" in text


def test_info_and_verify(shards: Path, run: Path, tmp_path: Path) -> None:
    code, text = call("info", shards, "--sheet", tmp_path / "sheet.png")
    assert (
        code == 0
        and "18 videos in 4 shards" in text
        and "label: fake 12, real 6" in text
    )
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    code, text = call("info", run)
    assert code == 0 and "best: epoch" in text and "weights demo" in text
    code, text = call("verify", shards, "--sources")
    assert code == 0 and "4 shards, 0 problems" in text


@pytest.mark.usefixtures("in_this_process")
def test_some_failed_is_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp4").write_bytes(b"x")
    code, text = call("prep", tmp_path / "in", "--out", tmp_path / "out")
    assert code == 3 and "corrupt" in text and "a.mp4" in text


def _doors(tmp: Path, shards: Path, run: Path) -> list[tuple[Sequence[object], str]]:
    out = tmp / "out"
    manifest = tmp / "m.csv"
    manifest.write_text("path,lable\na,0\n", encoding="utf-8")
    clip = tmp / "clip.mp4"
    clip.write_bytes(b"x")
    manifest_of_one = tmp / "one.csv"
    manifest_of_one.write_text("path,label\nclip.mp4,0\n", encoding="utf-8")
    newer = tmp / "newer"
    newer.mkdir()
    (newer / "shard-00000.h5").write_bytes(b"x")
    return [
        (["prep", tmp / "nowhere", "--out", out], "no such file or folder"),
        (["prep", manifest, "--out", out], "no column label"),
        (["prep", tmp / "nowhere", "--out", out, "--dataset", "x"], "unknown"),
        (["prep", shards, "--out", out, "--codec", "webp"], "webp"),
        (["prep", shards, "--out", out, "--faces", "some"], "main or all"),
        (["prep", shards, "--out", out, "--executor", "slurm"], "local or ray"),
        (
            ["score", run, clip, "--aggregate", "median"],
            "aggregate 'median' is unknown",
        ),
        (["score", run, clip, "--abstain", "0.7"], "abstain band of 0.7"),
        (["score", run, clip, "--executor", "ray"], "prepare the files first"),
        (
            ["score", run, shards, "--out", out, "--executor", "ray", "--timeline"],
            "executor ray scores segments alone",
        ),
        (["score", run, clip, "--stride", "5"], "stride is 5; it must be one of"),
        (["score", run, clip, "--perturb", "jpeg"], "give an output folder"),
        (
            ["score", run, shards, "--out", out, "--protocol", "ethnic"],
            "protocol 'ethnic' is unknown",
        ),
        (
            ["score", run, shards, "--out", out, "--protocol", "kodf-subset/1"],
            "of which no video is here",
        ),
        (["evaluate", tmp / "none.csv"], "No such file"),
        (["evaluate", manifest], "no column id"),
        (["protocol", "identity-disjoint"], "name shards"),
        (["reproduce", "table9", "--out", out], "'table9' is unknown"),
        (
            [
                "prep",
                manifest_of_one,
                "--out",
                tmp / "ray",
                "--executor",
                "ray",
                "--address",
                "127.0.0.1:1",
            ],
            "no Ray cluster at",
        ),
        (["prep", shards], "name the folder for the shards with --out"),
        (["bench", "prep", tmp / "nowhere.mp4"], "no such file"),
        (["train", tmp / "nowhere", "--out", out], "no such folder"),
        (["train", newer, "--out", out], "not a readable HDF5"),
        (["train", shards, "--out", run, *DEMO_MODEL], "holds a run already"),
        (
            ["train", shards, "--out", out, "--set", "training.epoch=1"],
            "did you mean epochs",
        ),
        (
            ["train", shards, "--out", out, "--config", tmp / "none.toml"],
            "No such file",
        ),
        (["train", shards, "--out", out, "--resume"], "no run here"),
        (
            ["train", shards, "--out", out, "--set", "model.clip_weights=none.pt"],
            "clip_weights",
        ),
        (["score", tmp / "nowhere", shards, "--out", out], "no such run"),
        (["score", run, tmp / "nowhere.mp4"], "no such file or folder"),
        (["score", run, shards], "give an output folder"),
        (
            ["score", run, clip, "--set", "model.clip=ViT-L-14"],
            "scoring takes model.clip_weights",
        ),
        (["score", run, clip, "--set", "model.clip_weights=none.pt"], "none.pt"),
        (["score", run, shards, "--out", out, "--split", "dev"], "unknown"),
        (
            ["score", run, shards, "--out", out, "--checkpoint", "worst"],
            "checkpoint 'worst' is unknown; use best, last or epoch-NN",
        ),
        (["demo", "--out", out, "--backbones", "none"], "demo or paper"),
        (["fly"], "No such command"),
    ]


def test_bad_input_at_every_door(tmp_path: Path, shards: Path, run: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns
        for folder in (shards, run)
        for path in folder.rglob("*")
    }
    for words, message in _doors(tmp_path, shards, run):
        code, text = call(*words)
        assert code == 2, (words, text)
        assert message in " ".join(text.split()) and "Traceback" not in text, (
            words,
            text,
        )
        assert len(text.strip().splitlines()) <= 4
    assert before == {
        path: path.stat().st_mtime_ns
        for folder in (shards, run)
        for path in folder.rglob("*")
    }


def test_doctor_names_what_is_missing_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    code, text = call("doctor", "--folder", tmp_path)
    assert code == 2 and "base.pt" in text and "set model.whisper_weights=FILE" in text
    code, text = call(
        "doctor",
        "--folder",
        tmp_path,
        "--set",
        "model.clip_weights=demo",
        "--set",
        "model.whisper_weights=demo",
    )
    assert code == 0 and "ffprobe" in text and "free space" in text and "!!" not in text


def press_ctrl_c(process: int) -> None:
    """The terminal sends the signal to all processes of the command."""
    os.killpg(process, signal.SIGINT)


def terminate(process: int) -> None:
    """`kill` sends it to the one process that it is given."""
    os.kill(process, signal.SIGTERM)


@pytest.mark.parametrize(("end", "code"), [(press_ctrl_c, 130), (terminate, 143)])
def test_an_interrupted_command_says_so_and_goes_on(
    end: Callable[[int], None], code: int, synthetic_manifest: Path, tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "avdf.cli.main",
        "prep",
        str(synthetic_manifest),
        "--out",
        str(tmp_path),
        "--videos-per-shard",
        "1",  # the job is far from its end when the first of 18 shards is written
    ]
    process = subprocess.Popen(
        command,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not list(tmp_path.glob("tasks/*.json")):
        assert process.poll() is None
        time.sleep(0.02)
    end(process.pid)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == code and b"interrupted" in complaint
    assert not list(tmp_path.rglob("*.partial"))
    code, text = call(
        "prep", synthetic_manifest, "--out", tmp_path, "--videos-per-shard", 1
    )
    assert code == 0 and "18 ok" in text
