"""The result of a protocol: its hash, its counts, its table."""

import csv
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import Assignment

FOUND = Assignment("mine", 3, "for a test", {"b": "test", "a": "train", "c": "train"})
VIDEOS = [
    VideoInfo(id="a", path="a", label=0),
    VideoInfo(id="b", path="b", label=1),
    VideoInfo(id="c", path="c", label=-1),
    VideoInfo(id="d", path="d", label=1),
]


def test_the_hash_is_of_name_version_and_every_split() -> None:
    text = "mine 3\na\ttrain\nb\ttest\nc\ttrain"
    assert FOUND.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, name="yours"),
        replace(FOUND, version=4),
        replace(FOUND, splits={"a": "train", "b": "test"}),
        replace(FOUND, splits={"a": "train", "b": "val", "c": "train"}),
    ],
)
def test_what_is_split_otherwise_has_another_hash(other: Assignment) -> None:
    assert other.sha256 != FOUND.sha256


def test_sentences_for_the_reader_do_not_change_the_hash() -> None:
    other = replace(FOUND, title="else", shortfall=("few",), notes=("odd",))
    assert other.sha256 == FOUND.sha256


def test_a_video_that_takes_no_part_has_no_split() -> None:
    assert FOUND.of("a") == "train"
    assert FOUND.of("d") == ""


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(
        ValueError,
        match=r"splits \['dev'\] are not among train, val, test",
    ):
        Assignment("mine", 1, "", {"a": "dev"})


def test_videos_are_counted_by_split_and_label() -> None:
    assert FOUND.counts(VIDEOS) == {
        "train": {"real": 1, "unknown": 1},
        "val": {},
        "test": {"fake": 1},
    }


def test_the_table_lists_ids_in_order(tmp_path: Path) -> None:
    FOUND.write(tmp_path / "split.csv")
    with (tmp_path / "split.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["id", "split"], ["a", "train"], ["b", "test"], ["c", "train"]]


def test_results_say_what_they_are_under() -> None:
    written = replace(FOUND, notes=("odd",)).as_dict()
    assert written["name"] == "mine"
    assert written["videos"] == {"test": 1, "train": 2}
    assert written["sha256"] == FOUND.sha256
    assert written["notes"] == ["odd"]
