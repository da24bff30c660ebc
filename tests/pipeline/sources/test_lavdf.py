"""LAV-DF: labels, splits, periods, and entries that are not understood."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from avdf.cache.core.video import Period
from avdf.pipeline.sources import list_videos
from tests.helpers.listings import by_id, complete, faults, labels_of
from tests.helpers.trees import write_json, write_lavdf

BOTH = ("RVRA", "FVRA", "RVFA", "FVFA")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_lavdf(tmp_path)
    return tmp_path


def change(root: Path, number: int, **values: Any) -> None:
    """Change an entry of the metadata."""
    table = root / "metadata.json"
    entries = json.loads(table.read_text(encoding="utf-8"))
    entries[number] |= values
    write_json(table, entries)


def append(root: Path, *more: object) -> None:
    table = root / "metadata.json"
    write_json(table, [*json.loads(table.read_text(encoding="utf-8")), *more])


def test_each_split_has_each_category(root: Path) -> None:
    found = Counter((video.split, video.category) for video in complete(root).values())
    wanted = [
        (split, category) for split in ("train", "val", "test") for category in BOTH
    ]
    assert found == dict.fromkeys(wanted, 1)


def test_labels_are_those_of_both_modalities(root: Path) -> None:
    assert labels_of(by_id(root)["dev/000001.mp4"]) == (1, 1, 0)


def test_periods_have_the_labels_of_the_video(root: Path) -> None:
    videos = by_id(root)
    assert videos["dev/000001.mp4"].periods == (Period(0.2, 0.6, 1, 0),)
    assert videos["dev/000000.mp4"].periods == ()


def test_a_video_and_its_fakes_have_one_identity(root: Path) -> None:
    identities = {
        video.identity for video in by_id(root).values() if video.split == "val"
    }
    assert identities == {"dev/000000"}


def test_a_list_of_periods_that_is_null_is_empty(root: Path) -> None:
    change(root, 0, fake_periods=None)
    assert by_id(root)["train/000000.mp4"].periods == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"fake_periods": [[0.6, 0.2]]}, "[0.6, 0.2] does not run forward"),
        ({"fake_periods": [7]}, "the span 7 is not [start, end]"),
        ({"split": "holdout"}, "split 'holdout' is not one of train, dev, test"),
    ],
)
def test_a_wrong_value_is_a_fault_of_its_entry_alone(
    values: dict[str, Any],
    reason: str,
    root: Path,
) -> None:
    change(root, 1, **values)
    ((name, fault),) = faults(root).items()
    assert name == "train/000001.mp4"
    assert reason in fault


def test_an_entry_whose_file_leads_out_of_the_root_is_a_fault(root: Path) -> None:
    change(root, 5, file="../secret.mp4")
    ((name, fault),) = faults(root).items()
    assert name == "metadata.json, entry 5"
    assert "leads out of" in fault


@pytest.mark.parametrize("entry", [None, 3, {}, {"file": 7}])
def test_an_entry_without_a_file_is_a_fault(entry: object, root: Path) -> None:
    append(root, entry)
    assert set(faults(root)) == {"metadata.json, entry 12"}


def test_an_entry_that_stands_twice_is_taken_once(root: Path) -> None:
    table = root / "metadata.json"
    first = json.loads(table.read_text(encoding="utf-8"))[0]
    append(root, first)
    listing = list_videos([root])
    assert len(listing.videos) == 12
    assert listing.notes == ("metadata: 1 entry repeated and taken once",)
