"""Log-odds against plain formulas, and the regression against a search with SciPy."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from avdf.model.logistic import Logistic, fit_logistic, logit, sigmoid


@pytest.mark.parametrize("p", [0.001, 0.3, 0.5, 0.97])
def test_sigmoid_undoes_logit(p: float) -> None:
    assert float(logit(np.array(p))) == pytest.approx(math.log(p / (1 - p)))
    assert float(sigmoid(logit(np.array(p)))) == pytest.approx(p)


def test_logits_of_certain_probabilities_are_finite() -> None:
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()


def test_sigmoid_takes_large_numbers() -> None:
    assert sigmoid(np.array([-1000.0, 1000.0])).tolist() == [0.0, 1.0]


def test_what_is_not_a_number_stays_so() -> None:
    nothing = np.array([np.nan])

    assert np.isnan(logit(nothing)).all()
    assert np.isnan(Logistic(2.0, 1.0).probability(nothing)).all()


def plain_cost(line: np.ndarray, labels: list[int], scores: list[float]) -> float:
    """Cross-entropy with Platt's labels, as the mean of the means over both classes."""
    slope, intercept = line
    total = 0.0
    for label in (0, 1):
        own = [score for one, score in zip(labels, scores, strict=True) if one == label]
        wanted = (len(own) + 1) / (len(own) + 2) if label else 1 / (len(own) + 2)
        for score in own:
            log_odds = slope * score + intercept
            of_one = wanted * math.log1p(math.exp(-log_odds))
            of_zero = (1 - wanted) * math.log1p(math.exp(log_odds))
            total += (of_one + of_zero) / len(own)
    return total


@pytest.mark.parametrize("shift", [0.0, 0.5, 20.0])
def test_the_regression_is_the_line_of_least_cost(shift: float) -> None:
    generator = np.random.default_rng(0)
    # A shift of 20 tells the classes apart without a mistake.
    scores = np.concatenate([generator.normal(size=30), generator.normal(size=8)])
    scores[30:] += shift
    labels = np.repeat([0, 1], [30, 8])

    found = fit_logistic(labels, scores)

    wanted = minimize(
        plain_cost,
        np.zeros(2),
        (labels.tolist(), scores.tolist()),
        tol=1e-10,
    ).x
    assert [found.slope, found.intercept] == pytest.approx(wanted, rel=2e-2, abs=2e-3)


def test_scores_that_are_all_alike_say_nothing() -> None:
    found = fit_logistic(np.array([0, 0, 0, 1]), np.full(4, 3.0))

    # Platt's labels leave a little of the difference in numbers.
    assert abs(found.slope) < 0.1
