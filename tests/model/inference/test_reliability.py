"""How far validation can be relied on: thresholds that are used, and what is said of others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.inference.reliability import usable_threshold, validation_notes
from avdf.model.inference.validation import Pair
from avdf.model.verdicts import PerVerdict

TRAINED = ("visual", "audio", "video", "matching")
BACKWARDS = ([1, 0], [0.2, 0.9])
EXTREME = ([0, 1], [0.99988, 0.9999])
MANY_EXTREME = ([0] * 20 + [1] * 20, [0.9998] * 20 + [0.9999] * 20)
GOOD = ([0] * 20 + [1] * 20, [0.2] * 20 + [0.8] * 20)
Given = tuple[list[int], list[float]]


def pair(given: Given) -> Pair:
    labels, scores = given
    return np.array(labels, np.int64), np.array(scores, np.float64)


def notes(
    given: Given,
    trained: tuple[str, ...] = TRAINED,
    segments: int = 0,
) -> tuple[str, ...]:
    return validation_notes(PerVerdict.same(pair(given)), trained, segments)


def test_scores_in_the_wrong_order_give_no_threshold() -> None:
    assert usable_threshold(*pair(BACKWARDS)) is None


def test_of_few_videos_an_extreme_threshold_is_not_used() -> None:
    assert usable_threshold(*pair(EXTREME)) is None


def test_of_many_videos_an_extreme_threshold_is_used() -> None:
    assert usable_threshold(*pair(MANY_EXTREME)) == pytest.approx(0.99985)


def test_one_class_gives_no_threshold() -> None:
    assert usable_threshold(*pair(([1, 1], [0.2, 0.9]))) is None


@given(st.lists(st.tuples(st.integers(-1, 1), st.floats(0, 1)), max_size=60))
def test_a_threshold_that_is_used_is_better_than_chance(
    videos: list[tuple[int, float]],
) -> None:
    labels = np.array([label for label, _ in videos], np.int64)
    scores = np.array([p for _, p in videos], np.float64)
    threshold = usable_threshold(labels, scores)
    if threshold is not None:
        found = (scores[labels == 1] >= threshold).mean()
        spared = (scores[labels == 0] < threshold).mean()
        assert found + spared > 1


def test_good_validation_needs_no_note() -> None:
    assert notes(GOOD) == ()


def test_few_videos_are_noted_with_their_numbers() -> None:
    assert "validation is small (video: 1 real and 1 fake" in notes(BACKWARDS)[0]


def test_an_auc_below_chance_is_noted() -> None:
    text = "\n".join(notes(BACKWARDS))
    assert (
        "the validation AUC of the video verdict is 0.000, no better than chance"
        in text
    )
    assert "its threshold stays at 0.5" in text


def test_an_extreme_threshold_is_noted_with_what_becomes_of_it() -> None:
    text = "\n".join(notes(EXTREME))
    assert "is 0.9999, an extreme value: it is not used" in text
    assert all("an extreme value: it is used" in note for note in notes(MANY_EXTREME))


def test_scoring_some_segments_only_is_noted() -> None:
    assert "at most 4 segments" in notes(GOOD, segments=4)[0]


def test_no_validation_videos_are_noted() -> None:
    assert "no validation videos" in notes(([], []))[0]


def test_nothing_is_said_of_a_verdict_that_was_not_trained() -> None:
    assert not any("visual" in note for note in notes(BACKWARDS, ("video",)))
