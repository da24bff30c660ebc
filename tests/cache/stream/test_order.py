"""The order of videos and windows: laws that hold for any numbers of videos and any seeds."""

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.stream.order import Batches, Sampling, epoch_batches, window_start

Labels = npt.NDArray[np.int8]

REAL_VIDEO = (0, 0, 0)
FAKE_VIDEOS = ((1, 0, 1), (1, 1, 0), (1, 1, 1))  # audio, frames, both
SEEDS = st.integers(0, 99)


def make_labels(reals: int, fakes: int) -> Labels:
    """Labels of real videos, and then of fakes of the three kinds in turn."""
    rows = [REAL_VIDEO] * reals
    rows += [FAKE_VIDEOS[index % 3] for index in range(fakes)]
    return np.array(rows, np.int8).reshape(-1, 3)


BATCH = 8
EPOCHS = st.integers(1, 20)
A_FEW_REALS = st.integers(1, 30)
A_FEW_FAKES = st.integers(1, 60)


def turns(batches: Batches, videos: Iterable[int]) -> list[int]:
    """How often each of some videos comes."""
    counted = Counter(batches.flatten().tolist())
    return [counted[video] for video in videos]


def reals_of_batches(labels: Labels, batches: Batches) -> npt.NDArray[np.int64]:
    """How many videos of each batch are real."""
    is_real = labels[batches, 0] == REAL
    return np.asarray(is_real.sum(axis=1))


# Balanced batches


@given(A_FEW_REALS, A_FEW_FAKES, SEEDS, EPOCHS)
def test_balanced_batches_are_half_real(
    reals: int,
    fakes: int,
    seed: int,
    epoch: int,
) -> None:
    labels = make_labels(reals, fakes)
    batches = epoch_batches(labels, BATCH, "balanced", seed, epoch)
    assert (reals_of_batches(labels, batches) == BATCH // 2).all()


@given(A_FEW_REALS, A_FEW_FAKES, SEEDS, EPOCHS)
def test_an_epoch_has_as_many_steps_as_show_every_video_once(
    reals: int,
    fakes: int,
    seed: int,
    epoch: int,
) -> None:
    labels = make_labels(reals, fakes)
    batches = epoch_batches(labels, BATCH, "balanced", seed, epoch)
    steps = math.ceil((reals + fakes) / BATCH)
    assert batches.shape == (steps, BATCH)


@given(A_FEW_REALS, A_FEW_FAKES, SEEDS, EPOCHS)
def test_within_an_epoch_the_videos_of_a_class_have_equally_many_turns(
    reals: int,
    fakes: int,
    seed: int,
    epoch: int,
) -> None:
    labels = make_labels(reals, fakes)
    batches = epoch_batches(labels, BATCH, "balanced", seed, epoch)
    real_videos = range(reals)
    fake_videos = range(reals, reals + fakes)
    assert np.ptp(turns(batches, real_videos)) <= 1
    assert np.ptp(turns(batches, fake_videos)) <= 1


def fair_classes(labels: Labels, sampling: Sampling) -> list[npt.NDArray[np.bool_]]:
    """The classes whose videos have equally many turns."""
    is_fake = labels[:, 0] == FAKE
    if sampling == "natural":
        return [np.ones(len(labels), bool)]
    # Real videos of pairs come as often as their fakes ask for them.
    return [is_fake] if sampling == "paired" else [is_fake, ~is_fake]


@given(
    A_FEW_REALS,
    A_FEW_FAKES,
    SEEDS,
    EPOCHS,
    st.sampled_from(["balanced", "natural", "paired"]),
)
def test_over_the_epochs_the_videos_of_a_class_have_equally_many_turns(
    reals: int,
    fakes: int,
    seed: int,
    epochs: int,
    sampling: Sampling,
) -> None:
    labels = make_labels(reals, fakes)
    videos = len(labels)
    total = np.zeros(videos, int)
    for epoch in range(1, epochs + 1):
        batches = epoch_batches(
            labels,
            BATCH,
            sampling,
            seed,
            epoch,
            identities=["a"] * videos,
        )
        total += np.bincount(batches.flatten(), minlength=videos)
        # Equal after every epoch, not only after the last.
        for members in fair_classes(labels, sampling):
            assert np.ptp(total[members]) <= 1


@given(st.integers(3, 30), SEEDS)
def test_other_videos_share_an_epoch_in_each_round(reals: int, seed: int) -> None:
    # Three times as many fakes: an epoch shows two thirds of them, so a round is 1.5 epochs.
    labels = make_labels(reals, 3 * reals)
    shown = set()
    for epoch in (1, 3, 5, 7):
        batches = epoch_batches(labels, 2, "balanced", seed, epoch)
        shown.add(frozenset(batches[labels[batches, 0] == FAKE].tolist()))
    assert len(shown) > 1


@given(st.integers(1, 70), SEEDS, st.integers(1, 9))
def test_natural_sampling_shows_every_video(videos: int, seed: int, epoch: int) -> None:
    batches = epoch_batches(make_labels(videos, 0), 8, "natural", seed, epoch)
    assert set(batches.flatten().tolist()) == set(range(videos))
    assert batches.size - videos < 8


# Ranks


WORLDS = st.sampled_from([1, 2, 4])


def parts_of_ranks(labels: Labels, seed: int, world: int) -> list[Batches]:
    """The parts of batches of 16 that the ranks take."""
    return [
        epoch_batches(
            labels,
            16,
            "balanced",
            seed,
            epoch=3,
            rank=rank,
            world=world,
        )
        for rank in range(world)
    ]


@given(WORLDS, SEEDS)
def test_ranks_share_a_batch_without_overlap(world: int, seed: int) -> None:
    labels = make_labels(9, 31)
    whole = epoch_batches(labels, 16, "balanced", seed, 3)
    parts = parts_of_ranks(labels, seed, world)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@given(WORLDS, SEEDS)
def test_each_rank_has_all_classes(world: int, seed: int) -> None:
    labels = make_labels(9, 31)
    for part in parts_of_ranks(labels, seed, world):
        assert (reals_of_batches(labels, part) == 8 // world).all()


# Other ways of sampling


def test_types_sampling_has_a_quarter_of_each_type() -> None:
    labels = make_labels(5, 30)
    quarters = dict.fromkeys([REAL_VIDEO, *FAKE_VIDEOS], 2)
    for batch in epoch_batches(labels, 8, "types", 0, 1):
        assert Counter(map(tuple, labels[batch].tolist())) == quarters


PERSONS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=20)


def paired_batches(
    labels: Labels,
    identities: list[str],
    seed: int = 0,
    rank: int = 0,
    world: int = 1,
) -> Batches:
    """The first epoch of pairs, each a real video and a fake one."""
    return epoch_batches(
        labels,
        BATCH,
        "paired",
        seed,
        1,
        rank,
        world,
        identities,
    )


@given(PERSONS, PERSONS, SEEDS)
def test_paired_batches_have_each_fake_after_a_real_video(
    reals: list[str],
    fakes: list[str],
    seed: int,
) -> None:
    # One identity is in both, so that pairs exist.
    reals, fakes = [*reals, "a"], [*fakes, "a"]
    identities = reals + fakes
    labels = make_labels(len(reals), len(fakes))

    batches = paired_batches(labels, identities, seed)

    for real, fake in batches.reshape(-1, 2).tolist():
        assert labels[real, 0] == REAL
        assert labels[fake, 0] == FAKE
        same_identity = identities[real] == identities[fake]
        assert same_identity or identities[fake] not in reals


@given(PERSONS, SEEDS)
def test_paired_batches_show_every_fake(fakes: list[str], seed: int) -> None:
    identities = ["a", *fakes, "a"]
    labels = make_labels(1, len(fakes) + 1)
    batches = paired_batches(labels, identities, seed)
    second_of_pairs = batches[:, 1::2]
    counts = turns(second_of_pairs, range(1, len(identities)))
    assert min(counts) >= 1
    assert np.ptp(counts) <= 1


FOUR_PAIRS = list("abcdabcd")


def test_ranks_share_pairs_without_overlap() -> None:
    labels = make_labels(4, 4)
    whole = paired_batches(labels, FOUR_PAIRS)
    first = paired_batches(labels, FOUR_PAIRS, rank=0, world=2)
    second = paired_batches(labels, FOUR_PAIRS, rank=1, world=2)
    joined = np.concatenate([first, second], axis=1)
    np.testing.assert_array_equal(joined, whole)


def test_pairs_stay_together_on_a_rank() -> None:
    labels = make_labels(4, 4)
    first = paired_batches(labels, FOUR_PAIRS, rank=0, world=2)
    for real, fake in first.reshape(-1, 2):
        assert FOUR_PAIRS[real] == FOUR_PAIRS[fake]


@pytest.mark.parametrize("identities", [["a", "b"], ["", ""]])
def test_paired_sampling_without_any_pair_is_refused(identities: list[str]) -> None:
    with pytest.raises(SettingsError, match="paired sampling needs; use balanced"):
        epoch_batches(make_labels(1, 1), 8, "paired", 0, 1, identities=identities)


# Seeds


def test_equal_seed_and_epoch_give_the_same_order() -> None:
    labels = make_labels(20, 20)
    first = epoch_batches(labels, BATCH, "balanced", 1, 1)
    second = epoch_batches(labels, BATCH, "balanced", 1, 1)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("seed", "epoch"),
    [
        (2, 1),
        (1, 2),
    ],
)
def test_another_seed_or_epoch_gives_another_order(seed: int, epoch: int) -> None:
    labels = make_labels(20, 20)
    first = epoch_batches(labels, 8, "balanced", 1, 1)
    assert (first != epoch_batches(labels, 8, "balanced", seed, epoch)).any()


@pytest.mark.parametrize(
    ("labels", "batch_size", "sampling", "message"),
    [
        (make_labels(0, 9), 8, "balanced", "no real video"),
        (make_labels(9, 0), 8, "balanced", "no fake video"),
        (make_labels(9, 1), 8, "types", "no visual-fake video"),
        (make_labels(9, 9), 7, "balanced", "cannot be divided"),
        (make_labels(9, 9), 8, "random", "unknown"),
    ],
)
def test_a_sampling_that_is_impossible_is_refused(
    labels: Labels,
    batch_size: int,
    sampling: Sampling,
    message: str,
) -> None:
    with pytest.raises(SettingsError, match=message):
        epoch_batches(labels, batch_size, sampling, 0, 1)


# Windows


WINDOW = 16  # rows
LENGTHS = st.lists(st.integers(WINDOW, 60), min_size=1, max_size=4)
NUMBERS = st.integers(0, 999)


@given(LENGTHS, st.integers(0, 50), NUMBERS, NUMBERS)
def test_a_window_lies_in_one_track(
    lengths: list[int],
    skip: int,
    seed: int,
    slot: int,
) -> None:
    # Tracks one after another from row 100 on; only the first has rows to skip.
    firsts = np.cumsum([100, *lengths[:-1]]).tolist()
    skips = [skip] + [0] * (len(lengths) - 1)

    start = window_start(firsts, lengths, skips, seed, 1, slot)

    stop = start + WINDOW
    tracks = zip(firsts, lengths, strict=True)
    assert any(first <= start and stop <= first + length for first, length in tracks)


@given(st.integers(0, 50), NUMBERS)
def test_no_window_starts_in_skipped_rows(skip: int, slot: int) -> None:
    start = window_start([100], [80], [skip], 0, 1, slot)
    assert start >= 100 + skip


def test_skipped_rows_are_used_if_no_window_would_be_left() -> None:
    start = window_start([100], [20], [18], 0, 1, 0)
    # The last window of the track: rows 104 to 119.
    assert start == 104


def test_every_possible_start_is_equally_likely() -> None:
    # The first track has room for 3 starts, the second for 2.
    firsts, lengths, skips = [0, 40], [18, 17], [0, 0]
    counts = Counter(
        window_start(firsts, lengths, skips, 0, 1, slot) for slot in range(5000)
    )
    assert set(counts) == {0, 1, 2, 40, 41}
    # 1000 of each are expected, with a standard deviation of 28.
    assert min(counts.values()) > 850
