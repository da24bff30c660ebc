"""The inventory of a listing, and how `avdf prep --dry-run` prints it."""

from pathlib import Path
from typing import cast

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.task import PrepTask, ignore_video
from avdf.pipeline.job.worker import run_task
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing, list_videos
from avdf.pipeline.sources.inventory import take_inventory
from tests.helpers.command import call
from tests.helpers.trees import touch, write_lavdf


def info(name: str, **known: str | int) -> VideoInfo:
    return VideoInfo(id=name, path=f"/nowhere/{name}", **known)  # type: ignore[arg-type]


def test_videos_are_counted_by_value_and_label() -> None:
    videos = (
        info("a", split="train", label=0),
        info("b", split="train", label=1),
        info("c"),
    )
    found = take_inventory(Listing("x", videos))
    assert found.tables["split"] == (("(by identity)", 1, 0, 0), ("train", 2, 1, 1))


def test_a_table_without_a_value_is_left_out() -> None:
    found = take_inventory(Listing("x", (info("a", gender="men"),)))
    assert "gender" in found.tables
    assert "method" not in found.tables


def test_an_identity_in_two_splits_is_named() -> None:
    videos = (
        info("a", identity="p", split="train"),
        info("b", identity="p", split="test"),
    )
    assert take_inventory(Listing("x", videos)).crossing == ("p",)


def test_a_fault_is_not_a_missing_file() -> None:
    found = take_inventory(Listing("x", (info("a", fault="odd"), info("b"))))
    assert [video.id for video in found.faults] == ["a"]
    assert [video.id for video in found.missing] == ["b"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_lavdf(tmp_path / "in")
    return tmp_path / "in"


def test_a_dry_run_prints_the_counts(root: Path) -> None:
    code, text = call("prep", root, "--dry-run")
    assert code == 0
    assert "12 videos, 9 manipulated periods" in text
    assert "listed but missing: 0" in text
    assert "there but not listed: 0" in text
    assert "fake frames, real audio" in text


def test_a_dry_run_names_missing_and_unlisted_files(root: Path) -> None:
    (root / "dev/000002.mp4").rename(root / "dev/other.mp4")
    code, text = call("prep", root, "--dry-run")
    assert code == 3
    assert "missing: 1" in text
    assert "000002.mp4" in text
    assert "not listed: 1" in text


def test_a_dry_run_makes_nothing(root: Path, tmp_path: Path) -> None:
    call("prep", root, "--dry-run", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def with_fault(tmp_path: Path) -> Path:
    """KoDF with an original that is in no actor's folder."""
    for name in ("101/101_001.mp4", "102/102_001.mp4", "stray.mp4"):
        touch(tmp_path / "original_videos" / name)
    return tmp_path


def test_a_dry_run_counts_entries_that_are_not_understood(with_fault: Path) -> None:
    code, text = call("prep", with_fault, "--dry-run")
    assert code == 3
    assert (
        "not understood: 1 (original_videos/stray.mp4: an original video lies in"
        in text
    )


def test_an_entry_that_is_not_understood_is_a_row_of_videos_csv(
    with_fault: Path,
) -> None:
    bad = tuple(video for video in list_videos([with_fault]).videos if video.fault)
    task = PrepTask(0, bad, with_fault / "shard-00000.h5", PrepSettings())
    no_detector = cast(FaceDetector, None)  # no face is looked for
    (row,) = run_task(task, no_detector, ignore_video)
    assert (row.id, row.status) == ("original_videos/stray.mp4", "bad_entry")
    assert "folder of its actor" in row.reason
