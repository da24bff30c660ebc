"""From raw genuine clips to a verdict: no fake is in the training, none in the validation."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

import avdf
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder
from avdf.model.training.training_set import load_training_set
from avdf.model.verdicts import PerVerdict, labels_of
from tests.helpers.command import call
from tests.helpers.tiny_run import TINY_OPTIONS

MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="module")
def folder(synthetic_manifest: Path, make_once: MakeOnce) -> Path:
    """`shards` of the genuine ones of the synthetic clips, and a `run` on them."""

    def fill(folder: Path) -> None:
        with synthetic_manifest.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["method"] == "real"]
        table = folder / "genuine.csv"
        lines = [
            f"{synthetic_manifest.parent / row['path']},real,{row['split']},{row['identity']}\n"
            for row in rows
        ]
        text = "path,label,split,identity\n" + "".join(lines)
        table.write_text(text, encoding="utf-8")
        shards = folder / "shards"
        code, printed = call("prep", table, "--out", shards, "--workers", "1")
        assert code == 0, printed
        run = folder / "run"
        code, printed = call("train", shards, "--out", run, "--forge", *TINY_OPTIONS)
        assert code == 0, printed

    return make_once("genuine-alone", fill)


def test_a_raw_clip_gets_three_verdicts(folder: Path, synthetic_manifest: Path) -> None:
    clip = synthetic_manifest.parent / "p4_faceswap.mp4"
    result = avdf.load(folder / "run").score(clip)
    for verdict in (result.visual, result.audio, result.video):
        assert verdict is not None
        assert 0 < verdict.probability < 1
        assert verdict.verdict in ("real", "fake", "unsure")


def test_it_is_said_what_the_verdicts_rest_on(
    folder: Path, synthetic_manifest: Path
) -> None:
    clip = synthetic_manifest.parent / "p4_faceswap.mp4"
    code, text = call("score", folder / "run", clip)
    assert code == 0
    assert "3 recorded videos of genuine, and forgeries made of these genuine" in text
    assert "self_blend, drift, smoothing" in text
    assert "validation has no fake video" in text
    code, text = call("info", folder / "run")
    assert code == 0
    assert "forgeries made of these genuine videos (self_blend, " in text


def test_without_forge_the_same_videos_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    code, text = call(
        "train", folder / "shards", "--out", tmp_path / "run", *TINY_OPTIONS
    )
    assert code == 2
    assert "no fake video to train on" in text


def test_labels_of_the_modalities_need_not_be_given(folder: Path) -> None:
    """The manifest says `real` and no more: then picture and sound are real, too."""
    data = load_training_set(folder / "shards", load_config(None, ["data.forge=true"]))
    for video in (*data.train, *data.val):
        assert labels_of(video.info) == PerVerdict.same(0)
    assert read_checkpoint_info(RunFolder(folder / "run").best).trained == (
        "visual",
        "audio",
        "video",
        "matching",
    )
