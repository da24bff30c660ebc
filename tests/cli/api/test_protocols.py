"""`avdf.list_protocols` and `avdf.split_videos`."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.model.protocols import Assignment
from tests.helpers.tables import read_table


def test_every_protocol_is_listed_with_its_folds() -> None:
    lines = str(avdf.list_protocols()).splitlines()
    assert lines[0].startswith("dataset: ")
    assert len(lines) == 1 + len(avdf.list_protocols().protocols)
    (folds,) = [
        line for line in lines if line.startswith("fakeavceleb-leave-one-out: ")
    ]
    assert "(each with /" in folds


def test_the_splits_of_a_manifest_are_counted(synthetic_manifest: Path) -> None:
    result = avdf.split_videos("dataset", synthetic_manifest)
    lines = str(result).splitlines()
    assert lines[1] == f"sha256 {result.assignment.sha256}"
    assert "train: 3 real, 6 fake" in lines
    assert "test: 2 real, 4 fake" in lines
    assert "0 of 18 listed videos in no split" in lines


def test_the_splits_are_written_on_request(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    result = avdf.split_videos("dataset", synthetic_manifest, tmp_path / "split.csv")
    rows = read_table(tmp_path / "split.csv")
    assert {row["id"]: row["split"] for row in rows} == dict(result.assignment.splits)


def test_a_file_of_another_kind_is_not_replaced(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="a table of `avdf protocol`"):
        avdf.split_videos("dataset", synthetic_manifest, tmp_path / "notes.txt")


def test_an_unknown_protocol_is_refused(synthetic_manifest: Path) -> None:
    with pytest.raises(SettingsError, match="'ethnic' is unknown"):
        avdf.split_videos("ethnic", synthetic_manifest)


def test_at_most_twenty_videos_that_are_not_prepared_are_named() -> None:
    infos = [VideoInfo(id=f"v{number}", path="x") for number in range(25)]
    assignment = Assignment("mine", 1, "", {info.id: "test" for info in infos})
    unprepared = tuple(Unprepared(info, "no_face", "none found") for info in infos)
    lines = str(avdf.SplitResult(assignment, tuple(infos), unprepared)).splitlines()
    assert "not prepared: v0 of test (no_face: none found)" in lines
    assert lines[-1] == "not prepared: 5 more"
