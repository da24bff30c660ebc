"""`avdf score module:Class SHARDS`: the same files as a run gives, exit codes, refusals."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from tests.helpers.command import call, call_json
from tests.helpers.peer_modules import (
    BRIGHTNESS,
    scoring_module,
    write_module,
    write_peer_shards,
)
from tests.helpers.tables import read_table

HALF = "return [PerVerdict(.4, .5, one.frames.mean() / 255) for one in footage]"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with shards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    write_peer_shards(tmp_path / "shards")
    return tmp_path


def test_the_files_are_those_of_a_run(here: Path) -> None:
    spec = scoring_module(here, HALF, version="3.2")
    code, text = call("score", spec, "shards", "--protocol", "dataset", "--out", "s")
    assert code == 0, text
    assert "6 of 6 videos scored, 13 segments" in text
    assert f"Rests on test 3.2 ({spec})" in text
    rows = read_table(here / "s/videos.csv")
    assert {row["status"] for row in rows} == {"ok"}
    # What only runs of avdf have is empty.
    for name in ("distance", "sync", "p_sync", "verdict_sync", "sync_note", "faces"):
        assert {row[name] for row in rows} == {""}, name
    assert len(read_table(here / "s/segments.csv")) == 13
    metrics = json.loads((here / "s/metrics.json").read_text())
    detector = metrics["detector"]
    assert (detector["name"], detector["version"]) == ("test", "3.2")
    assert detector["module"] == spec and len(detector["source"][0]["sha256"]) == 64
    assert metrics["thresholds"]["origin"] == "default"
    assert metrics["verdicts"]["video"]["videos"] == 5
    page = (here / "s/report.html").read_text()
    assert (
        "Detector test, version 3.2" in page and detector["source"][0]["file"] in page
    )
    assert "the detector gives none" in page


def test_the_table_can_be_evaluated(here: Path) -> None:
    spec = scoring_module(here, HALF)
    assert call("score", spec, "shards", "--split", "all", "--out", "s")[0] == 0
    code, text = call("evaluate", "s/videos.csv", "--labels", "shards")
    # The silent video has no verdict on the whole.
    assert code == 3 and "5 of 6 videos scored" in text, text


def test_perturbed_videos_and_exports(here: Path) -> None:
    spec = scoring_module(here, HALF)
    words = ("--perturb", "brightness:3", "--export", "deepfakebench")
    code, text = call("score", spec, "shards", "--out", "s", *words)
    assert code == 0, text
    rows = read_table(here / "s/robustness.csv")
    assert [row["perturbation"] for row in rows] == ["none", "brightness"]
    videos = read_table(here / "s/robustness_videos.csv")
    scores = {(row["perturbation"], row["id"]): row["p_video"] for row in videos}
    assert float(scores["brightness", "a"]) > float(scores["none", "a"])


def test_a_failing_detector_gives_rows_and_exit_code_3(here: Path) -> None:
    spec = scoring_module(here, "raise KeyError('weights')")
    code, text = call("score", spec, "shards", "--out", "s")
    assert code == 3 and "0 of 6 videos scored" in text
    rows = read_table(here / "s/videos.csv")
    assert {row["status"] for row in rows} == {"detector_failed"}
    assert all("KeyError: 'weights'" in row["reason"] for row in rows)


def test_nothing_but_the_document_is_on_stdout(here: Path) -> None:
    spec = scoring_module(here, "print('scoring')\n" + HALF)
    document = call_json("score", spec, "shards", "--out", "s")
    assert len(document["videos"]) == 6


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--timeline",), "timelines are made by runs"),
        (("--calibrate",), "only a run keeps"),
        (("--lr",), "give `avdf evaluate` the table"),
        (("--quick", 2), "excerpts of video files"),
        (("--executor", "ray"), "workers of a cluster"),
        (("--device", "cpu"), "a detector chooses its own"),
        (("--checkpoint", "last"), "a detector chooses its own"),
        (("--split", "tset"), "use 'train'"),
        (("--protocol", "nope"), "unknown"),
    ],
)
def test_options_of_runs_are_refused_before_anything_is_imported(
    here: Path, words: tuple[object, ...], message: str
) -> None:
    name = write_module(
        here, "from pathlib import Path; Path('imported').touch()\n" + BRIGHTNESS
    )
    code, text = call("score", f"{name}:Brightness", "shards", "--out", "s", *words)
    assert code == 2 and message.partition("'")[0] in " ".join(text.split()), text
    assert (here / "imported").exists() == (words[0] == "--protocol")
    assert not (here / "s").exists()


def test_files_are_refused(here: Path) -> None:
    (here / "a.mp4").write_bytes(b"x")
    code, text = call("score", "nowhere:Peer", "a.mp4", "--out", "s")
    assert code == 2 and "prepare the files first" in " ".join(text.split())


@pytest.mark.parametrize("spec", ["..:X", "a b:C", "x:", "mine:Peer.y"])
def test_what_is_neither_run_nor_detector_is_refused(here: Path, spec: str) -> None:
    code, text = call("score", spec, "shards", "--out", "s")
    assert code == 2 and "neither a run nor a detector" in " ".join(text.split())


def test_the_path_of_a_module_is_no_detector(here: Path) -> None:
    name = write_module(
        here, "from pathlib import Path; Path('imported').touch()\n" + BRIGHTNESS
    )
    code, text = call("score", f"./{name}.py:Brightness", "shards", "--out", "s")
    assert code == 2 and "no such run" in " ".join(text.split())
    assert not (here / "imported").exists()


def test_whole_videos_have_nothing_to_aggregate(here: Path) -> None:
    spec = scoring_module(here, HALF, unit="video")
    code, text = call("score", spec, "shards", "--out", "s", "--aggregate", "top")
    assert code == 2 and "judges whole videos" in " ".join(text.split())


def test_from_python(here: Path) -> None:
    spec = scoring_module(here, HALF)
    options = avdf.ScoreOptions(abstain=0.2)
    result = avdf.score(spec, "shards", options)
    assert result.complete and len(result) == 6
    assert result[0].video is not None and result[0].visual is not None
    assert result[0].visual.verdict == "unsure"
    with pytest.raises(SettingsError, match="give an output folder"):
        avdf.score(spec, "shards", avdf.ScoreOptions(perturb=("blur:1",)))


def test_the_installed_command_finds_modules_of_the_current_folder(here: Path) -> None:
    spec = scoring_module(here, HALF)
    program = "from avdf.cli.main import main; main()"
    # As the installed command runs: the current folder is not among the places of imports.
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, "score", spec, "shards", "--out", "s"],
        cwd=here,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "6 of 6 videos scored" in done.stdout
