"""The split of each video when a run was trained, from its own table or computed again."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from avdf.cache.core.errors import RunError
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import assign
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.run_splits import read_run_splits, splits_in_training

VIDEOS = [
    VideoInfo(id=f"v{number}", path=f"v{number}", split=split, dataset="own")
    for number, split in enumerate(("train", "train", "val", "test"))
]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run whose table says how `VIDEOS` were split."""
    folder = RunFolder(tmp_path)
    assign("dataset", VIDEOS).write(folder.protocol)
    return folder


def info_of(datasets: dict[str, int], sha256: str = "") -> Any:
    """What a checkpoint says of its training videos."""
    protocol = assign("dataset", VIDEOS).as_dict()
    if sha256:
        protocol["sha256"] = sha256
    return SimpleNamespace(
        config=RunConfig(),
        data={"datasets": datasets, "protocol": protocol},
    )


def test_the_table_of_training_is_taken_without_a_note(folder: RunFolder) -> None:
    splits = splits_in_training(folder, info_of({"own": 2}), VIDEOS)
    assert splits.splits == {"v0": "train", "v1": "train", "v2": "val", "v3": "test"}
    assert splits.note == ""


def test_videos_of_training_and_validation_were_seen(folder: RunFolder) -> None:
    splits = splits_in_training(folder, info_of({"own": 2}), VIDEOS)
    assert [splits.has_seen(video) for video in VIDEOS] == [True, True, True, False]


def test_an_equal_id_in_another_dataset_is_another_video(folder: RunFolder) -> None:
    splits = splits_in_training(folder, info_of({"own": 2}), VIDEOS)
    assert not splits.has_seen(VideoInfo(id="v0", path="v0", dataset="other"))


def test_videos_of_other_datasets_have_no_splits(folder: RunFolder) -> None:
    splits = splits_in_training(folder, info_of({"kodf": 2}), VIDEOS)
    assert splits.splits == {}
    assert splits.note == ""


def test_an_edited_table_is_noticed(folder: RunFolder) -> None:
    text = folder.protocol.read_text(encoding="utf-8")
    folder.protocol.write_text(text.replace(",val", ",test"), encoding="utf-8")
    splits = splits_in_training(folder, info_of({"own": 2}), VIDEOS)
    assert "is not the table that training wrote" in splits.note
    assert splits.splits["v2"] == "test"


def test_a_missing_table_is_computed_again(folder: RunFolder) -> None:
    folder.protocol.unlink()
    splits = splits_in_training(folder, info_of({"own": 2}), VIDEOS)
    assert splits.splits["v2"] == "val"
    assert splits.note == ""


def test_a_table_that_comes_out_otherwise_has_a_note(folder: RunFolder) -> None:
    folder.protocol.unlink()
    splits = splits_in_training(folder, info_of({"own": 2}, sha256="other"), VIDEOS)
    assert "the splits of training are computed again, and may be wrong" in splits.note


def test_a_checkpoint_that_names_no_protocol_trusts_no_table(folder: RunFolder) -> None:
    info = info_of({"own": 2})
    del info.data["protocol"]
    assert "is not the table" in splits_in_training(folder, info, VIDEOS).note


def test_a_table_without_splits_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "protocol.csv"
    table.write_text("id,colour\nv0,red\n", encoding="utf-8")
    with pytest.raises(RunError, match="take the table from a copy of the run"):
        read_run_splits(table)
