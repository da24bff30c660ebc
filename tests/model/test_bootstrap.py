"""Confidence intervals against the plain way: repeat the videos that were drawn."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    roc_auc_score,
)

from avdf.model.bootstrap import bootstrap


def test_intervals_draw_whole_identities() -> None:
    generator = np.random.default_rng(0)
    labels = np.tile([0, 1, 1], 24)
    scores = np.round(
        np.clip(labels * 0.3 + generator.normal(0.35, 0.25, 72), 0, 1), 1
    ).astype(np.float64)
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
        assert found[name] == pytest.approx(
            tuple(np.percentile(column, [2.5, 97.5]))
        ), name


def test_intervals_that_cannot_be_had() -> None:
    labels, scores = np.tile([0, 1], 6), np.linspace(0, 1, 12)
    groups = np.repeat(np.arange(4), 3).astype(object)
    assert set(
        bootstrap(labels, scores, np.zeros(12).astype(object), 0.5).values()
    ) == {None}
    one_class = bootstrap(np.ones(12, np.int64), scores, groups, 0.5)
    assert (
        one_class["auc"] is None
        and one_class["average_precision"] is None
        and one_class["accuracy"] is not None
    )


def test_intervals_are_the_same_whatever_is_held_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels, scores = np.tile([0, 1, 1], 10), np.random.default_rng(1).random(30)
    groups = np.repeat(np.arange(10), 3).astype(object)
    whole = bootstrap(labels, scores, groups, 0.5, draws=50)
    monkeypatch.setattr("avdf.model.bootstrap._WEIGHTS_AT_ONCE", 100)
    assert bootstrap(labels, scores, groups, 0.5, draws=50) == whole
