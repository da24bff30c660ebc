"""Order, sampling and splits: laws that hold for any sizes and seeds."""

from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.identity_split import split_by_identity, splits_of
from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.order import Sampling, epoch_batches, window_start


def label_table(real: int, fake: int) -> npt.NDArray[np.int8]:
    rows = [(0, 0, 0)] * real + [
        ((1, 0, 1), (1, 1, 0), (1, 1, 1))[index % 3] for index in range(fake)
    ]
    return np.array(rows, np.int8).reshape(-1, 3)


@given(
    real=st.integers(1, 30),
    fake=st.integers(1, 60),
    seed=st.integers(0, 99),
    epoch=st.integers(1, 20),
)
def test_balanced_batches_are_half_real(real: int, fake: int, seed: int, epoch: int) -> None:
    labels = label_table(real, fake)
    batches = epoch_batches(labels, 8, "balanced", seed, epoch)
    assert batches.shape == (-(-(real + fake) // 8), 8)
    assert ((labels[batches, 0] == 0).sum(axis=1) == 4).all()
    for label in (0, 1):  # nobody comes twice more often than another of the class
        drawn = Counter(batches[labels[batches, 0] == label].tolist())
        counts = [drawn[index] for index in np.flatnonzero(labels[:, 0] == label)]
        assert max(counts) - min(counts) <= 1


@given(
    real=st.integers(1, 30),
    fake=st.integers(1, 60),
    seed=st.integers(0, 99),
    epochs=st.integers(1, 20),
    sampling=st.sampled_from(["balanced", "natural", "paired"]),
)
def test_over_the_epochs_every_video_of_a_class_has_as_many_turns(
    real: int, fake: int, seed: int, epochs: int, sampling: Sampling
) -> None:
    labels, identities = label_table(real, fake), ["a"] * (real + fake)
    counts = np.zeros(real + fake, int)
    for epoch in range(1, epochs + 1):
        batches = epoch_batches(labels, 8, sampling, seed, epoch, identities=identities)
        now = np.bincount(batches.flatten(), minlength=real + fake)
        counts += now
        for of_class in _classes(labels, sampling):
            assert np.ptp(now[of_class]) <= 1  # in one epoch
            assert np.ptp(counts[of_class]) <= 1  # and over all of them


def _classes(labels: npt.NDArray[np.int8], sampling: Sampling) -> list[npt.NDArray[np.bool_]]:
    fakes = labels[:, 0] == 1
    if sampling == "natural":
        return [np.ones(len(labels), bool)]
    return [fakes] if sampling == "paired" else [fakes, ~fakes]


@given(real=st.integers(3, 30), seed=st.integers(0, 99))
def test_each_round_has_another_order(real: int, seed: int) -> None:
    """Three times as many fakes, a third of them a round and a half: who shares an epoch changes."""
    labels = label_table(real, 3 * real)
    fakes = [
        tuple(sorted(batches[labels[batches, 0] == 1].tolist()))
        for epoch in (1, 3, 5, 7)
        for batches in [epoch_batches(labels, 2, "balanced", seed, epoch)]
    ]
    assert len(set(fakes)) > 1


@given(videos=st.integers(1, 70), seed=st.integers(0, 99), epoch=st.integers(1, 9))
def test_natural_sampling_shows_every_video(videos: int, seed: int, epoch: int) -> None:
    batches = epoch_batches(label_table(videos, 0), 8, "natural", seed, epoch)
    assert set(batches.flatten().tolist()) == set(range(videos))
    assert batches.size - videos < 8


@given(world=st.sampled_from([1, 2, 4]), seed=st.integers(0, 99))
def test_ranks_share_a_batch_without_overlap(world: int, seed: int) -> None:
    labels = label_table(9, 31)
    whole = epoch_batches(labels, 16, "balanced", seed, 3)
    parts = [epoch_batches(labels, 16, "balanced", seed, 3, rank, world) for rank in range(world)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    for part in parts:
        assert ((labels[part, 0] == 0).sum(axis=1) == 8 // world).all()


def test_types_sampling_has_a_quarter_of_each() -> None:
    labels = label_table(5, 30)
    batches = epoch_batches(labels, 8, "types", 0, 1)
    for batch in batches:
        assert Counter(map(tuple, labels[batch].tolist())) == dict.fromkeys(
            [(0, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 1)], 2
        )


@given(
    reals=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=20),
    fakes=st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=40),
    seed=st.integers(0, 99),
)
def test_paired_batches_put_a_fake_beside_its_real(
    reals: list[str], fakes: list[str], seed: int
) -> None:
    labels = label_table(len(reals), len(fakes))
    identities = [*reals, *fakes]
    if not set(reals) & set(fakes):
        with pytest.raises(SettingsError, match="paired sampling needs"):
            epoch_batches(labels, 8, "paired", seed, 1, identities=identities)
        return
    batches = epoch_batches(labels, 8, "paired", seed, 1, identities=identities)
    assert batches.shape == (-(-len(fakes) // 4), 8)
    drawn = Counter(batches[:, 1::2].flatten().tolist())
    assert set(drawn) == set(range(len(reals), len(identities)))  # every fake
    assert max(drawn.values()) - min(drawn.values()) <= 1
    for real, fake in batches.reshape(-1, 2).tolist():
        assert labels[real, 0] == 0 and labels[fake, 0] == 1
        assert identities[real] == identities[fake] or identities[fake] not in reals
    halves = [epoch_batches(labels, 8, "paired", seed, 1, rank, 2, identities) for rank in range(2)]
    np.testing.assert_array_equal(np.concatenate(halves, axis=1), batches)


def test_order_depends_on_seed_and_epoch_alone() -> None:
    labels = label_table(20, 20)
    first = epoch_batches(labels, 8, "balanced", 1, 1)
    np.testing.assert_array_equal(first, epoch_batches(labels, 8, "balanced", 1, 1))
    for other in ((2, 1), (1, 2)):
        assert (first != epoch_batches(labels, 8, "balanced", *other)).any()


@pytest.mark.parametrize(
    ("labels", "batch", "sampling", "message"),
    [
        (label_table(0, 9), 8, "balanced", "no real video"),
        (label_table(9, 0), 8, "balanced", "no fake video"),
        (label_table(9, 9), 7, "balanced", "cannot be divided"),
        (label_table(9, 9), 8, "random", "unknown"),
    ],
)
def test_what_cannot_be_sampled(
    labels: npt.NDArray[np.int8], batch: int, sampling: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        epoch_batches(labels, batch, sampling, 0, 1)  # type: ignore[arg-type]


@given(
    lengths=st.lists(st.integers(16, 60), min_size=1, max_size=4),
    skip=st.integers(0, 50),
    seed=st.integers(0, 999),
    slot=st.integers(0, 999),
)
def test_windows_lie_in_one_track(lengths: list[int], skip: int, seed: int, slot: int) -> None:
    first = np.cumsum([100, *lengths[:-1]]).tolist()
    skips = [skip] + [0] * (len(lengths) - 1)
    row = window_start(first, lengths, skips, seed, 1, slot)
    (track,) = [
        t
        for t, (at, n) in enumerate(zip(first, lengths, strict=True))
        if at <= row and row + 16 <= at + n
    ]
    if track == 0 and lengths[0] - 15 > skip:
        assert row >= first[0] + skip


def test_every_start_is_as_likely() -> None:
    drawn = Counter(window_start([0, 40], [18, 17], [0, 0], 0, 1, slot) for slot in range(5000))
    assert set(drawn) == {0, 1, 2, 40, 41} and min(drawn.values()) > 850


def _videos(identities: list[str], split: str = "") -> list[VideoInfo]:
    return [
        VideoInfo(id=f"v{i}", path="", identity=name, split=split)
        for i, name in enumerate(identities)
    ]


@given(st.lists(st.sampled_from("abcdefghij"), min_size=3, max_size=60), st.integers(0, 9))
def test_no_identity_is_in_two_splits(identities: list[str], seed: int) -> None:
    splits = split_by_identity(_videos(identities), seed)
    for name in set(identities):
        assert (
            len({split for split, who in zip(splits, identities, strict=True) if who == name}) == 1
        )
    if len(set(identities)) >= 3:
        assert set(splits) == {"train", "val", "test"}


def test_given_splits_are_kept() -> None:
    videos = [*_videos(["a"], "test"), *_videos(["b"], "")]
    assert splits_of(videos) == (("test", ""), {"": True})
    assert splits_of(_videos(list("abc")))[1] == {"": False}
