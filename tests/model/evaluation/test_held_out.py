"""How a run did on test videos, as a folder of scores states it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.cache.files.digest import file_sha256
from avdf.model.evaluation.held_out import read_held_out
from avdf.model.runs.checkpoint_reader import read_checkpoint_info


@pytest.fixture(scope="module")
def scores(run: Path, shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scores of the test split."""
    folder = tmp_path_factory.mktemp("scores")
    avdf.score(run, shards, load_options=avdf.LoadOptions(device="cpu"), out=folder)
    return folder


def changed(scores: Path, folder: Path, **parts: Any) -> Path:
    """A folder whose `metrics.json` states something else."""
    document = json.loads((scores / "metrics.json").read_bytes())
    (folder / "metrics.json").write_text(json.dumps({**document, **parts}))
    return folder


def test_the_figures_are_those_of_the_scores(scores: Path, run: Path) -> None:
    found = read_held_out(scores)
    document = json.loads((scores / "metrics.json").read_bytes())
    record = found.verdicts.video
    assert record is not None
    assert record.auc == document["verdicts"]["video"]["auc"]
    assert record.real == document["verdicts"]["video"]["real"] > 0
    assert found.split == "test"
    assert found.sha256 == file_sha256(scores / "metrics.json")
    assert found.as_dict()["verdicts"]["video"]["fake"] == record.fake
    found.check_run(read_checkpoint_info(run / "best"))


def test_scores_of_another_checkpoint_are_refused(scores: Path, run: Path) -> None:
    info = replace(read_checkpoint_info(run / "best"), tensors_sha256="0" * 64)
    with pytest.raises(SettingsError, match="another checkpoint gave these scores"):
        read_held_out(scores).check_run(info)


def test_videos_of_the_training_test_nothing(scores: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="3 of these videos were in training"):
        read_held_out(changed(scores, tmp_path, trained_on=3))


def test_another_aggregation_is_refused(scores: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="scored with aggregate top"):
        read_held_out(changed(scores, tmp_path, aggregate="top"))


def test_what_holds_no_figures_is_refused(scores: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"metrics.json: cannot be read"):
        read_held_out(tmp_path)
    with pytest.raises(SettingsError, match="not the figures of a run"):
        read_held_out(changed(scores, tmp_path, checkpoint={}))
