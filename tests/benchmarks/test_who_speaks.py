"""What the benchmark of speakers counts, on agreements made by hand."""

import numpy as np
import pytest

from tests.benchmarks.who_speaks import (
    Counts,
    always_told,
    pairs_of,
    told,
    told_of_unseen,
)

SPEAKERS = ["a", "a", "b", "c"]


def table(own: float, other: float) -> np.ndarray:
    """Each mouth agrees with its own sound, and with every other."""
    agreements = np.full((4, 4), other)
    np.fill_diagonal(agreements, own)
    return agreements


def test_pairs_are_of_different_speakers_in_both_orders() -> None:
    pairs = list(pairs_of(SPEAKERS))
    assert len(pairs) == 2 * 5
    assert (0, 1) not in pairs and (0, 2) in pairs and (2, 0) in pairs


def test_clear_speakers_are_named_and_right() -> None:
    assert told(table(0.9, 0.1), SPEAKERS) == Counts(10, 10, 10)
    assert always_told(table(0.9, 0.1), SPEAKERS) == Counts(10, 10, 10)


def test_wrong_names_are_counted() -> None:
    assert told(table(0.1, 0.9), SPEAKERS) == Counts(10, 10, 0)


def test_nobody_is_named_where_it_is_not_clear() -> None:
    assert told(table(0.5, 0.4), SPEAKERS) == Counts(10, 0, 0)
    assert always_told(table(0.5, 0.4), SPEAKERS) == Counts(10, 10, 10)


def test_the_sound_of_a_third_speaker_is_asked_for_once_for_each_pair() -> None:
    counts = told_of_unseen(table(0.9, 0.1), SPEAKERS)
    # a-b with c (twice), a-c with b (twice), b-c with both clips of a.
    assert counts == Counts(6, 0, 0)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(10, 5, 4), "5 of 10 named (50.0%), 4 of them right (80.0%)"),
        (Counts(0, 0, 0), "0 of 0 named (0.0%), 0 of them right (nan%)"),
    ],
)
def test_counts_are_printed_with_their_shares(counts: Counts, words: str) -> None:
    assert str(counts) == words
