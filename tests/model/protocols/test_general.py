"""Protocols on any dataset: whose splits they are, and what a reader is told."""

import re
from dataclasses import replace

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import assign, check_protocol


def person(number: int, **more: str) -> VideoInfo:
    info = VideoInfo(id=f"v{number}", path="x", identity=f"p{number}")
    return replace(info, **more)  # type: ignore[arg-type]


LISTED = [person(number, dataset="one") for number in range(20)]


def test_a_dataset_that_gives_splits_keeps_them() -> None:
    videos = [replace(LISTED[0], split="train"), replace(LISTED[1], split="test")]
    found = assign("dataset", videos)
    assert found.splits == {"v0": "train", "v1": "test"}
    assert (found.title, found.version) == ("splits given by the dataset", 1)


def test_a_dataset_without_splits_is_split_by_identity() -> None:
    found = assign("dataset", LISTED, seed=3)
    assert set(found.splits.values()) == {"train", "val", "test"}
    assert found.title == "splits by identity, seed 3"


def test_of_two_datasets_each_is_split_in_its_own_way() -> None:
    other = person(99, dataset="two", split="val")
    found = assign("dataset", [*LISTED, other])
    assert found.of("v99") == "val"
    assert found.version == 2
    assert found.title == "splits given by the dataset: two; by identity, seed 0: one"


def test_another_seed_splits_otherwise() -> None:
    assert (
        assign("dataset", LISTED, seed=1).splits
        != assign("dataset", LISTED, seed=2).splits
    )


def test_all_test_tests_everything() -> None:
    assert set(assign("all-test", LISTED).splits.values()) == {"test"}


def test_targets_disjoint_leaves_out_videos_of_two_splits() -> None:
    base = assign("identity-disjoint", LISTED)
    trained = next(video for video in LISTED if base.of(video.id) == "train")
    tested = next(video for video in LISTED if base.of(video.id) == "test")
    swap = VideoInfo(
        id="swap",
        path="x",
        identity=tested.identity,
        targets=trained.identity,
    )
    found = assign("targets-disjoint", [*LISTED, swap])
    assert found.of("swap") == ""
    assert found.of(tested.id) == "test"


def test_a_test_video_that_shows_a_trained_person_is_noted() -> None:
    base = assign("identity-disjoint", LISTED)
    trained = next(video for video in LISTED if base.of(video.id) == "train")
    tested = next(video for video in LISTED if base.of(video.id) == "test")
    swap = VideoInfo(
        id="swap",
        path="x",
        identity=tested.identity,
        targets=trained.identity,
    )
    (note,) = assign("identity-disjoint", [*LISTED, swap]).notes
    assert re.match(r"the face or the voice in 1 of \d+ test videos belongs to", note)
    assert "targets-disjoint has no such test videos" in note


def test_a_dataset_whose_test_labels_are_not_public_is_noted() -> None:
    videos = [
        replace(video, dataset="av-deepfake1m", split="train") for video in LISTED
    ]
    (note,) = assign("dataset", videos).notes
    assert "no labelled test split" in note


@pytest.mark.parametrize(
    "name", ["dataset", "all-test", "kodf-subset/3", "kodf-subset/all-draws"]
)
def test_protocols_that_exist_are_found_without_videos(name: str) -> None:
    check_protocol(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("odd", "protocol 'odd' is unknown"),
        ("kodf-subset", "needs a fold"),
        ("all-test/1", "needs a fold"),
        ("none.csv", "No such file"),
        ("none.csv/2", "No such file"),
    ],
)
def test_protocols_that_do_not_exist_are_refused(name: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        check_protocol(name)
