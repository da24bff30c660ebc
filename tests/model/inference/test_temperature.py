"""Temperature scaling against scikit-learn's logistic regression."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from avdf.model.inference.temperature import COOLEST, HOTTEST, fit_temperature

FEW = np.array([0, 1] * 6)


def plain_temperature(labels: np.ndarray, logits: np.ndarray) -> float:
    """1 / slope of a logistic regression without intercept, in the same bounds."""
    model = LogisticRegression(fit_intercept=False, C=1e9)
    slope = float(model.fit(logits[:, None], labels).coef_[0, 0])
    return min(HOTTEST, max(COOLEST, 1 / slope))


@given(st.integers(0, 999), st.floats(1.2, 5.0))
@settings(max_examples=15, deadline=None)
def test_of_many_videos_it_is_that_of_a_logistic_regression(
    seed: int,
    heat: float,
) -> None:
    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=2, size=4000)
    labels = (generator.random(4000) < expit(logits)).astype(np.int64)
    found = fit_temperature(labels, expit(logits * heat))
    # The prior weighs next to nothing against 4,000 videos.
    assert found == pytest.approx(plain_temperature(labels, logits * heat), rel=2e-2)


def test_scores_are_never_sharpened() -> None:
    """Without bounds, perfectly separated scores would ask for a temperature of 0."""
    assert fit_temperature(FEW, np.where(FEW == 1, 0.7, 0.3)) == COOLEST


def test_a_few_videos_move_it_little() -> None:
    """Without a prior, hopeless scores would ask for an infinite temperature."""
    assert fit_temperature(FEW, np.where(FEW == 1, 0.1, 0.9)) < HOTTEST


def test_many_hopeless_videos_move_it_to_its_bound() -> None:
    many = np.tile(FEW, 999)
    assert fit_temperature(many, np.where(many == 1, 0.1, 0.9)) > HOTTEST - 0.01


@pytest.mark.parametrize("labels", [[1, 1, -1], [0, 0, 0], [-1, -1, -1]])
def test_where_a_class_is_missing_nothing_is_changed(labels: list[int]) -> None:
    assert fit_temperature(np.array(labels), np.array([0.9, 0.2, 0.4])) == 1.0


def test_videos_without_a_score_play_no_part() -> None:
    scores = np.where(FEW == 1, 0.2, 0.9)
    more_labels = np.append(FEW, 1)
    more_scores = np.append(scores, np.nan)
    assert fit_temperature(more_labels, more_scores) == fit_temperature(FEW, scores)
