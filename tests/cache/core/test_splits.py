"""Splits by identity, and the splits that datasets give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache import VideoInfo
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identity_split import split_by_identity, splits_of


def make_videos(
    identities: list[str],
    split: str = "",
    dataset: str = "",
) -> list[VideoInfo]:
    return [
        VideoInfo(f"{dataset}{number}", "", dataset=dataset, identity=name, split=split)
        for number, name in enumerate(identities)
    ]


@given(
    st.lists(st.sampled_from("abcdefghij"), min_size=3, max_size=60), st.integers(0, 9)
)
def test_no_identity_is_in_two_splits(identities: list[str], seed: int) -> None:
    splits_of_identity: dict[str, set[str]] = {}
    splits = split_by_identity(make_videos(identities), seed)
    for name, split in zip(identities, splits, strict=True):
        splits_of_identity.setdefault(name, set()).add(split)
    assert all(len(found) == 1 for found in splits_of_identity.values())


def test_three_identities_are_enough_for_three_splits() -> None:
    assert set(split_by_identity(make_videos(list("abc")))) == {"train", "val", "test"}


def test_the_fractions_are_those_of_the_identities() -> None:
    splits = split_by_identity(make_videos([f"p{number}" for number in range(100)]))
    assert [splits.count(split) for split in ("train", "val", "test")] == [70, 15, 15]


@pytest.mark.parametrize(
    "fractions",
    [
        (0.5, 0.5, 0.5),
        (1.5, -0.25, -0.25),
    ],
)
def test_fractions_that_are_no_parts_are_refused(
    fractions: tuple[float, float, float],
) -> None:
    with pytest.raises(SettingsError, match="must not be negative and must sum to 1"):
        split_by_identity(make_videos(["a"]), fractions=fractions)


def test_given_splits_are_kept() -> None:
    videos = [*make_videos(["a"], "test"), *make_videos(["b"])]
    assert splits_of(videos) == (("test", ""), {"": True})


def test_only_datasets_without_splits_are_split_by_identity() -> None:
    given_splits = make_videos(["a", "b"], "val", dataset="one")
    without = make_videos(list("abc"), dataset="two")
    splits, gives_splits = splits_of([*given_splits, *without])
    assert gives_splits == {"one": True, "two": False}
    assert splits[:2] == ("val", "val")
    assert set(splits[2:]) == {"train", "val", "test"}
