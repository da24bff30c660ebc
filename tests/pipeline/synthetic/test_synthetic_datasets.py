"""Synthetic datasets: each is read by the adapter of the dataset that it stands for."""

from collections import Counter
from pathlib import Path

import pytest

from avdf.pipeline.sources import Listing, list_videos
from avdf.pipeline.sources.synthetic_marker import MARK_FILE
from avdf.pipeline.synthetic import generate_fakeavceleb


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fakeavceleb")
    assert generate_fakeavceleb(folder, identities=1, seconds=0.4) == 80
    return folder


@pytest.fixture(scope="module")
def listing(root: Path) -> Listing:
    return list_videos([root])


def test_it_is_recognised_as_fakeavceleb(listing: Listing) -> None:
    assert listing.dataset == "fakeavceleb"
    assert len(listing.videos) == 80
    assert not listing.unlisted


def test_two_files_are_listed_twice_as_in_the_original(listing: Listing) -> None:
    assert "2 files are listed twice" in listing.notes[0]


def test_identities_are_split_by_their_ethnic_group(listing: Listing) -> None:
    splits = Counter(video.split for video in listing.videos)
    assert splits == {"train": 48, "val": 16, "test": 16}
    assert len({video.identity for video in listing.videos}) == 10


def test_every_listed_file_is_a_video(listing: Listing) -> None:
    assert all(video.file.stat().st_size > 1000 for video in listing.videos)


def test_its_videos_are_marked_as_synthetic(root: Path, listing: Listing) -> None:
    assert (root / MARK_FILE).is_file()
    assert all(video.synthetic for video in listing.videos)
