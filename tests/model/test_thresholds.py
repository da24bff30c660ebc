"""Thresholds of the verdicts: defaults, their form in files, and the best one on validation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.thresholds import Thresholds, best_threshold

LABELLED_SCORES = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.integers(0, 20)),
    min_size=2,
    max_size=40,
)


def balanced_accuracy(
    labels: np.ndarray,
    scores: np.ndarray,
    threshold: float,
) -> float:
    called_fake = scores >= threshold
    on_fake = called_fake[labels == 1].mean()
    on_real = (~called_fake[labels == 0]).mean()
    return float((on_fake + on_real) / 2)


@given(LABELLED_SCORES)
def test_no_threshold_has_a_larger_balanced_accuracy(
    rows: list[tuple[int, int]],
) -> None:
    labels = np.array([label for label, _ in rows])
    scores = np.array([score / 20 for _, score in rows])
    chosen = best_threshold(labels, scores)
    if len(set(labels.tolist())) < 2:
        assert chosen is None
        return
    assert chosen is not None
    candidates = np.linspace(0, 1.01, 102)
    best = max(balanced_accuracy(labels, scores, one) for one in candidates)
    assert balanced_accuracy(labels, scores, chosen) == pytest.approx(best)


def test_the_best_threshold_is_in_the_middle_of_its_gap() -> None:
    labels, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.9])
    assert best_threshold(labels, scores) == pytest.approx(0.4)


def test_one_class_has_no_best_threshold() -> None:
    assert best_threshold(np.ones(3, np.int64), np.array([0.2, 0.7, 0.9])) is None


def test_unknown_labels_do_not_move_the_threshold() -> None:
    labels, scores = np.array([0, 1, -1, 1]), np.array([0.2, 0.8, 0.5, np.nan])
    assert best_threshold(labels, scores) == pytest.approx(0.5)


@pytest.mark.parametrize("value", [-0.1, 1.2, float("nan")])
def test_a_threshold_outside_of_probabilities_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"threshold video is .* must lie in \[0, 1\]"):
        Thresholds(video=value)


def test_thresholds_that_are_not_told_are_defaults() -> None:
    thresholds = Thresholds()
    assert list(thresholds) == [0.5, 0.5, 0.5]
    assert thresholds.origin == "default"
    assert all(
        thresholds.is_default(verdict) for verdict in ("visual", "audio", "video")
    )


def test_without_a_list_those_at_one_half_are_defaults() -> None:
    thresholds = Thresholds(video=0.5, visual=0.7, audio=0.5)
    assert thresholds.defaults == ("video", "audio")
    assert not thresholds.is_default("visual")


def test_a_threshold_found_at_one_half_is_no_default() -> None:
    assert not Thresholds(video=0.5, defaults=()).is_default("video")


def test_the_form_in_files_begins_with_the_video() -> None:
    written = Thresholds(
        visual=0.2,
        audio=0.3,
        video=0.4,
        origin="validation",
    ).as_dict()
    assert list(written) == ["video", "visual", "audio", "origin", "defaults"]
    assert written == {
        "video": 0.4,
        "visual": 0.2,
        "audio": 0.3,
        "origin": "validation",
        "defaults": (),
    }


def test_thresholds_are_read_back_from_their_form_in_files() -> None:
    thresholds = Thresholds(visual=0.2, audio=0.5, video=0.4, origin="validation")
    assert Thresholds(**thresholds.as_dict()) == thresholds
