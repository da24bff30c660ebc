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

from avdf.model.evaluation.bootstrap import bootstrap
from avdf.model.metrics import Labels, Scores, auc, compute_metrics
from avdf.model.thresholds import Thresholds, best_threshold

both_classes = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.integers(0, 20).map(lambda n: n / 20)),
    min_size=2,
    max_size=40,
).filter(lambda rows: len({label for label, _ in rows}) == 2)


def split(rows: list[tuple[int, float]]) -> tuple[Labels, Scores]:
    return np.array([label for label, _ in rows]), np.array([score for _, score in rows])


@given(both_classes, st.floats(0, 1))
def test_metrics_are_scikit_learns(rows: list[tuple[int, float]], threshold: float) -> None:
    labels, scores = split(rows)
    found = compute_metrics(labels, scores, threshold)
    judged = scores >= threshold
    assert found.auc == pytest.approx(roc_auc_score(labels, scores))
    assert found.average_precision == pytest.approx(average_precision_score(labels, scores))
    assert found.average_precision_real == pytest.approx(
        average_precision_score(1 - labels, 1 - scores)
    )
    assert found.accuracy == pytest.approx(accuracy_score(labels, judged))
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, judged))
    assert found.all_fake_accuracy == pytest.approx(accuracy_score(labels, np.ones_like(labels)))


@given(both_classes)
def test_auc_counts_pairs(rows: list[tuple[int, float]]) -> None:
    labels, scores = split(rows)
    pairs = [
        1.0 if fake > real else 0.5 if fake == real else 0.0
        for fake in scores[labels == 1]
        for real in scores[labels == 0]
    ]
    assert auc(labels, scores) == pytest.approx(np.mean(pairs))


@given(both_classes)
def test_no_threshold_balances_better(rows: list[tuple[int, float]]) -> None:
    labels, scores = split(rows)
    chosen = best_threshold(labels, scores)
    assert chosen is not None

    def balanced(threshold: float) -> float:
        judged = scores >= threshold
        return float((judged[labels == 1].mean() + (~judged[labels == 0]).mean()) / 2)

    assert balanced(chosen) == pytest.approx(max(balanced(t) for t in np.linspace(0, 1.01, 102)))


@given(both_classes)
def test_equal_error_rate_lies_between_the_two_errors(rows: list[tuple[int, float]]) -> None:
    labels, scores = split(rows)
    found = compute_metrics(labels, scores).equal_error_rate
    assert found is not None and 0 <= found <= 1
    errors = [
        (float((scores[labels == 0] >= t).mean()), float((scores[labels == 1] < t).mean()))
        for t in [*np.unique(scores), 1.1]
    ]
    assert min(max(pair) for pair in errors) >= found - 1e-9
    assert max(min(pair) for pair in errors) <= found + 1e-9


def test_perfect_and_hopeless() -> None:
    labels = np.array([0, 0, 1, 1])
    perfect = compute_metrics(labels, np.array([0.1, 0.2, 0.8, 0.9]))
    assert (perfect.auc, perfect.accuracy, perfect.equal_error_rate) == (1.0, 1.0, 0.0)
    assert perfect.calibration_error == pytest.approx(0.15)
    tied = compute_metrics(labels, np.full(4, 0.5))
    assert (tied.auc, tied.equal_error_rate, tied.calibration_error) == (0.5, 0.5, 0.0)


def test_one_class_has_no_auc() -> None:
    found = compute_metrics(np.ones(3, np.int64), np.array([0.2, 0.7, 0.9]))
    assert found.auc is None and found.average_precision is None and found.equal_error_rate is None
    assert found.accuracy == pytest.approx(2 / 3) and found.all_fake_accuracy == 1.0
    assert best_threshold(np.ones(3, np.int64), np.array([0.2, 0.7, 0.9])) is None


def test_unknown_labels_and_missing_scores_are_left_out() -> None:
    labels, scores = np.array([0, 1, -1, 1, 0]), np.array([0.1, 0.9, 0.0, np.nan, 0.2])
    found = compute_metrics(labels, scores)
    assert (found.videos, found.real, found.fake, found.auc) == (3, 2, 1, 1.0)
    empty = compute_metrics(np.array([-1]), np.array([0.5]))
    assert empty.videos == 0 and empty.accuracy is None


def test_intervals_draw_whole_identities() -> None:
    """Against the plain way: repeat the videos of the identities that were drawn, and ask scikit-learn."""
    generator = np.random.default_rng(0)
    labels = np.tile([0, 1, 1], 24)
    scores = np.round(np.clip(labels * 0.3 + generator.normal(0.35, 0.25, 72), 0, 1), 1).astype(
        np.float64
    )
    groups = np.repeat(np.arange(8), 9).astype(object)
    values: list[tuple[float, ...]] = []
    for draw in np.random.default_rng(5).integers(8, size=(200, 8)):
        chosen = np.concatenate([np.flatnonzero(groups == group) for group in draw])
        truth, guess = labels[chosen], scores[chosen]
        values.append(
            (
                roc_auc_score(truth, guess),
                average_precision_score(truth, guess),
                accuracy_score(truth, guess >= 0.45),
                balanced_accuracy_score(truth, guess >= 0.45),
            )
        )
    found = bootstrap(labels, scores, groups, 0.45, draws=200, seed=5)
    for name, column in zip(
        ("auc", "average_precision", "accuracy", "balanced_accuracy"),
        np.array(values).T,
        strict=True,
    ):
        assert found[name] == pytest.approx(tuple(np.percentile(column, [2.5, 97.5]))), name


def test_intervals_that_cannot_be_had() -> None:
    labels, scores = np.tile([0, 1], 6), np.linspace(0, 1, 12)
    groups = np.repeat(np.arange(4), 3).astype(object)
    assert set(bootstrap(labels, scores, np.zeros(12).astype(object), 0.5).values()) == {None}
    one_class = bootstrap(np.ones(12, np.int64), scores, groups, 0.5)
    assert (
        one_class["auc"] is None
        and one_class["average_precision"] is None
        and one_class["accuracy"] is not None
    )


def test_intervals_are_the_same_whatever_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, scores = np.tile([0, 1, 1], 10), np.random.default_rng(1).random(30)
    groups = np.repeat(np.arange(10), 3).astype(object)
    whole = bootstrap(labels, scores, groups, 0.5, draws=50)
    monkeypatch.setattr("avdf.model.evaluation.bootstrap._CELLS", 100)
    assert bootstrap(labels, scores, groups, 0.5, draws=50) == whole


def test_thresholds_are_probabilities() -> None:
    with pytest.raises(ValueError, match="must lie in"):
        Thresholds(video=1.2)
