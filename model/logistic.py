"""Log-odds of probabilities, and their regression on one score (Platt 1999)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL

Array = npt.NDArray[np.float64]

# The smallest and the largest probability whose logit is finite.
_LEAST = float(np.finfo(np.float64).tiny)
_MOST = 1 - 2.0**-53


@dataclass(frozen=True)
class Logistic:
    """P(class 1 | score) = 1 / (1 + exp(-(slope * score + intercept))) at equal prior odds."""

    slope: float
    intercept: float

    def log_odds(self, score: Array) -> Array:
        """ln(P / (1 - P)) of each score."""
        return self.slope * score + self.intercept

    def probability(self, score: Array) -> Array:
        """P of each score; NaN stays."""
        return sigmoid(self.log_odds(score))


def logit(p: Array) -> Array:
    """log(p / (1 - p)); probabilities of 0 and 1 are first moved to the nearest other number."""
    inside = np.clip(p, _LEAST, _MOST)
    log_fake = np.log(inside)
    log_real = np.log1p(-inside)
    return np.asarray(log_fake - log_real)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), also where exp(-x) is too large for a float; NaN stays."""
    # Imported late: scipy takes a tenth of a second.
    from scipy.special import expit

    return np.asarray(expit(x))


def fit_logistic(labels: npt.NDArray[np.int64], scores: Array) -> Logistic:
    """The regression of labels (n,) 0 or 1 on finite scores (n,); both classes occur.

    Both weigh the same, however many samples each has.

    Plain logistic regression is far too certain with few samples, and with samples that are told
    apart without a mistake. Platt's labels lie inside 0 and 1, the further the fewer samples.
    """
    from sklearn.linear_model import LogisticRegression

    is_one = labels == FAKE
    ones, zeros = int(is_one.sum()), int((~is_one).sum())
    wanted = np.where(is_one, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    # Both classes weigh the same, however many samples each has.
    weight = np.where(is_one, 0.5 / ones, 0.5 / zeros) * len(labels)

    # scikit-learn takes labels of 0 and 1 alone: each sample is given once with either label, with
    # the weights that its smoothed label asks for.
    scale = float(scores.std()) or 1.0
    doubled = np.concatenate([scores, scores])[:, None] / scale
    targets = np.repeat([FAKE, REAL], len(scores))
    weights = np.concatenate([weight * wanted, weight * (1 - wanted)])
    model = LogisticRegression(C=1e6).fit(doubled, targets, weights)
    return Logistic(float(model.coef_[0, 0]) / scale, float(model.intercept_[0]))
