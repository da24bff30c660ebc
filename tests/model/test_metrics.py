"""Metrics against scikit-learn, plain loops, and cases made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    roc_auc_score,
)

from avdf.model.metrics import Labels, Metrics, Scores, auc, compute_metrics

Rows = list[tuple[int, float]]  # label and score


def has_both_classes(rows: Rows) -> bool:
    return len({label for label, _ in rows}) == 2


both_classes = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.integers(0, 20).map(lambda n: n / 20)),
    min_size=2,
    max_size=40,
).filter(has_both_classes)


def split(rows: Rows) -> tuple[Labels, Scores]:
    labels, scores = zip(*rows, strict=True)
    return np.array(labels), np.array(scores)


@given(both_classes)
def test_ranking_metrics_are_scikit_learns(rows: Rows) -> None:
    labels, scores = split(rows)
    found = compute_metrics(labels, scores)
    assert found.auc == pytest.approx(roc_auc_score(labels, scores))
    assert found.average_precision == pytest.approx(
        average_precision_score(labels, scores)
    )
    real = average_precision_score(1 - labels, 1 - scores)
    assert found.average_precision_real == pytest.approx(real)


@given(both_classes, st.floats(0, 1))
def test_accuracies_are_scikit_learns(rows: Rows, threshold: float) -> None:
    labels, scores = split(rows)
    found = compute_metrics(labels, scores, threshold)
    called_fake = scores >= threshold
    assert found.accuracy == pytest.approx(accuracy_score(labels, called_fake))
    assert found.accuracy_at_half == pytest.approx(
        accuracy_score(labels, scores >= 0.5)
    )
    balanced = balanced_accuracy_score(labels, called_fake)
    assert found.balanced_accuracy == pytest.approx(balanced)
    everything = accuracy_score(labels, np.ones_like(labels))
    assert found.all_fake_accuracy == pytest.approx(everything)


@given(both_classes)
def test_auc_counts_pairs_in_the_right_order(rows: Rows) -> None:
    labels, scores = split(rows)
    pairs = []
    for fake in scores[labels == 1]:
        for real in scores[labels == 0]:
            pairs.append(1.0 if fake > real else 0.5 if fake == real else 0.0)
    assert auc(labels, scores) == pytest.approx(np.mean(pairs))


@given(both_classes)
def test_the_equal_error_rate_lies_between_the_two_errors(rows: Rows) -> None:
    labels, scores = split(rows)
    found = compute_metrics(labels, scores).equal_error_rate
    assert found is not None and 0 <= found <= 1
    for threshold in [*np.unique(scores), 1.1]:
        false_alarms = float((scores[labels == 0] >= threshold).mean())
        missed = float((scores[labels == 1] < threshold).mean())
        assert max(false_alarms, missed) >= found - 1e-9
        assert min(false_alarms, missed) <= found + 1e-9


def plain_calibration_error(labels: Labels, scores: Scores) -> float:
    total = 0.0
    for index in range(15):
        low, high = index / 15, (index + 1) / 15
        is_last = index == 14
        inside = [
            (label, score)
            for label, score in zip(labels, scores, strict=True)
            if low <= score < high or (is_last and score == 1)
        ]
        if inside:
            share_of_fakes = np.mean([label for label, _ in inside])
            confidence = np.mean([score for _, score in inside])
            total += abs(confidence - share_of_fakes) * len(inside) / len(labels)
    return total


def test_the_calibration_error_is_the_mean_gap_over_bins() -> None:
    generator = np.random.default_rng(2)
    labels, scores = generator.integers(0, 2, 300), generator.random(300)
    found = compute_metrics(labels, scores).calibration_error
    assert found == pytest.approx(plain_calibration_error(labels, scores))


@pytest.fixture
def perfect() -> Metrics:
    return compute_metrics(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))


def test_perfect_scores_make_no_error(perfect: Metrics) -> None:
    assert (perfect.auc, perfect.accuracy, perfect.equal_error_rate) == (1.0, 1.0, 0.0)


def test_perfect_scores_may_lack_confidence(perfect: Metrics) -> None:
    assert perfect.calibration_error == pytest.approx(0.15)


def test_equal_scores_tell_nothing() -> None:
    tied = compute_metrics(np.array([0, 0, 1, 1]), np.full(4, 0.5))
    assert (tied.auc, tied.equal_error_rate, tied.calibration_error) == (0.5, 0.5, 0.0)


def test_one_class_has_no_ranking_metrics() -> None:
    found = compute_metrics(np.ones(3, np.int64), np.array([0.2, 0.7, 0.9]))
    assert found.auc is None
    assert found.average_precision is None
    assert found.equal_error_rate is None


def test_one_class_has_an_accuracy() -> None:
    found = compute_metrics(np.ones(3, np.int64), np.array([0.2, 0.7, 0.9]))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.all_fake_accuracy == 1.0


def test_unknown_labels_and_missing_scores_are_left_out() -> None:
    labels = np.array([0, 1, -1, 1, 0])
    scores = np.array([0.1, 0.9, 0.0, np.nan, 0.2])
    found = compute_metrics(labels, scores)
    assert (found.videos, found.real, found.fake, found.auc) == (3, 2, 1, 1.0)


def test_no_known_label_gives_no_metric() -> None:
    found = compute_metrics(np.array([-1]), np.array([0.5]))
    assert found.videos == 0
    assert found.accuracy is None
    assert found.calibration_error is None
