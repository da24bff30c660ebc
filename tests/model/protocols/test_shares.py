"""Identities shared out over splits: right shares, and names alone decide."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.identities import identity_of, in_hash_order, persons_of
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols.shares import identities_by_cell, share_out

SHARES = {"test": 0.31, "val": 0.07, "train": 0.62}
WOMEN, MEN = ("African", "women"), ("African", "men")
NAMES = [f"id{number:05d}" for number in range(100)]


def test_a_hundred_names_are_shared_out_exactly() -> None:
    found = share_out({WOMEN: NAMES}, SHARES, "salt")
    assert Counter(found.values()) == {"test": 31, "val": 7, "train": 62}


def test_each_cell_has_its_shares() -> None:
    members = {WOMEN: NAMES[:50], MEN: NAMES[50:]}
    found = share_out(members, {"train": 0.6, "test": 0.4}, "salt")
    for names in members.values():
        assert Counter(found[name] for name in names) == {"train": 30, "test": 20}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_shares_are_within_one_of_what_is_asked_for(sizes: list[int]) -> None:
    members = {}
    for cell, size in enumerate(sizes):
        members[f"group {cell}", ""] = [f"{cell}-{number}" for number in range(size)]
    found = share_out(members, SHARES, "salt")
    total = sum(sizes)
    assert len(found) == total
    counts = Counter(found.values())
    for share, part in SHARES.items():
        # A share that rounding left empty has taken one name from the largest.
        assert abs(counts[share] - part * total) <= 2


@given(st.permutations(NAMES[:12]))
def test_the_order_of_names_does_not_matter(names: list[str]) -> None:
    assert share_out({WOMEN: names}, SHARES, "salt") == share_out(
        {WOMEN: NAMES[:12]}, SHARES, "salt"
    )


def test_another_salt_shares_out_otherwise() -> None:
    one = share_out({WOMEN: NAMES}, SHARES, "one")
    other = share_out({WOMEN: NAMES}, SHARES, "other")
    assert one != other


def test_of_three_names_each_share_gets_one() -> None:
    found = share_out({WOMEN: NAMES[:3]}, SHARES, "salt")
    assert sorted(found.values()) == ["test", "train", "val"]


def test_no_names_are_no_trouble() -> None:
    assert share_out({}, SHARES, "salt") == {}


def test_a_person_is_in_one_cell_only() -> None:
    videos = [
        VideoInfo(id="a", path="a", identity="p", group="B", gender="men"),
        VideoInfo(id="b", path="b", identity="p", group="A", gender="men"),
        VideoInfo(id="c", path="c", identity="q", group="B", gender="men"),
    ]
    assert identities_by_cell(videos) == {("A", "men"): ["p"], ("B", "men"): ["q"]}


def test_a_video_without_an_identity_is_a_person_of_its_own() -> None:
    assert identity_of(VideoInfo(id="a", path="x")) == "a"
    assert identity_of(VideoInfo(id="a", path="x", identity="p")) == "p"


def test_targets_are_persons_of_a_video() -> None:
    video = VideoInfo(id="a", path="x", identity="p", targets="q r")
    assert persons_of(video) == {"p", "q", "r"}


@pytest.mark.parametrize("salt", ["0", "fakeavceleb-5-fold"])
def test_hash_order_keeps_two_names_in_their_order(salt: str) -> None:
    whole = in_hash_order(NAMES, salt)
    assert sorted(whole) == NAMES
    some = in_hash_order(NAMES[::7], salt)
    assert some == [name for name in whole if name in set(some)]


def test_hash_order_has_each_name_once() -> None:
    assert in_hash_order(["a", "b", "a"], "x") == in_hash_order(["b", "a"], "x")
