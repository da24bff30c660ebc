"""Identities shared out over splits: right shares, and names alone decide."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.identities import identity_of, in_hash_order, persons_of
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols.shares import identities_by_cell, share_out

SHARES = {
    "test": 0.31,
    "val": 0.07,
    "train": 0.62,
}
WOMEN = ("African", "women")
MEN = ("African", "men")
NAMES = [f"id{number:05d}" for number in range(100)]


# Sharing out


def test_a_hundred_names_are_shared_out_exactly() -> None:
    found = share_out({WOMEN: NAMES}, SHARES, "salt")
    counts = Counter(found.values())
    assert counts == {"test": 31, "val": 7, "train": 62}


@pytest.mark.parametrize("cell", [WOMEN, MEN], ids=["women", "men"])
def test_each_cell_has_its_shares(cell: tuple[str, str]) -> None:
    members = {
        WOMEN: NAMES[:50],
        MEN: NAMES[50:],
    }
    found = share_out(members, {"train": 0.6, "test": 0.4}, "salt")
    counts = Counter(found[name] for name in members[cell])
    assert counts == {"train": 30, "test": 20}


def cells_of(sizes: list[int]) -> dict[tuple[str, str], list[str]]:
    """A cell of so many names for each size."""
    members = {}
    for cell, size in enumerate(sizes):
        names = [f"{cell}-{number}" for number in range(size)]
        members[f"group {cell}", ""] = names
    return members


cell_sizes = st.lists(st.integers(0, 40), min_size=1, max_size=6)


@given(cell_sizes)
def test_every_name_is_shared_out(sizes: list[int]) -> None:
    found = share_out(cells_of(sizes), SHARES, "salt")
    assert len(found) == sum(sizes)


@given(cell_sizes)
def test_shares_are_within_one_of_what_is_asked_for(sizes: list[int]) -> None:
    found = share_out(cells_of(sizes), SHARES, "salt")
    counts = Counter(found.values())
    for share, part in SHARES.items():
        asked_for = part * sum(sizes)
        # A share that rounding left empty has taken one name from the largest.
        assert abs(counts[share] - asked_for) <= 2


@given(st.permutations(NAMES[:12]))
def test_the_order_of_names_does_not_matter(names: list[str]) -> None:
    in_order = share_out({WOMEN: NAMES[:12]}, SHARES, "salt")
    shuffled = share_out({WOMEN: names}, SHARES, "salt")
    assert shuffled == in_order


def test_another_salt_shares_out_otherwise() -> None:
    one = share_out({WOMEN: NAMES}, SHARES, "one")
    other = share_out({WOMEN: NAMES}, SHARES, "other")
    assert one != other


def test_of_three_names_each_share_gets_one() -> None:
    found = share_out({WOMEN: NAMES[:3]}, SHARES, "salt")
    assert sorted(found.values()) == ["test", "train", "val"]


def test_no_names_are_no_trouble() -> None:
    assert share_out({}, SHARES, "salt") == {}


# Persons of videos


def video_of(name: str, identity: str = "", **known: Any) -> VideoInfo:
    """A video of a person."""
    return VideoInfo(id=name, path=name, identity=identity, **known)


def test_a_person_is_in_one_cell_only() -> None:
    """Where videos of one person name two groups: the first in alphabetical order."""
    videos = [
        video_of("a", "p", group="B", gender="men"),
        video_of("b", "p", group="A", gender="men"),
        video_of("c", "q", group="B", gender="men"),
    ]
    assert identities_by_cell(videos) == {
        ("A", "men"): ["p"],
        ("B", "men"): ["q"],
    }


def test_a_video_without_an_identity_is_a_person_of_its_own() -> None:
    assert identity_of(video_of("a")) == "a"


def test_a_video_with_an_identity_is_of_that_person() -> None:
    assert identity_of(video_of("a", "p")) == "p"


def test_targets_are_persons_of_a_video() -> None:
    video = video_of("a", "p", targets="q r")
    assert persons_of(video) == {"p", "q", "r"}


# The order by hashes


@pytest.mark.parametrize("salt", ["0", "fakeavceleb-5-fold"])
def test_hash_order_has_all_names(salt: str) -> None:
    assert sorted(in_hash_order(NAMES, salt)) == NAMES


@pytest.mark.parametrize("salt", ["0", "fakeavceleb-5-fold"])
def test_hash_order_keeps_two_names_in_their_order(salt: str) -> None:
    """Whichever other names there are."""
    some = in_hash_order(NAMES[::7], salt)
    whole = in_hash_order(NAMES, salt)
    assert some == [name for name in whole if name in set(some)]


def test_hash_order_has_each_name_once() -> None:
    with_repeat = in_hash_order(["a", "b", "a"], "x")
    without = in_hash_order(["b", "a"], "x")
    assert with_repeat == without
