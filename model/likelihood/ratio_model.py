"""From a detector's score to a likelihood ratio under two named propositions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.likelihood.ratio_bounds import RatioBounds, find_bounds
from avdf.model.logistic import Logistic, fit_logistic, logit
from avdf.model.metrics import Labels, Scores, known

Array = npt.NDArray[np.float64]

# Fewer reference videos of a class support no statement at all.
FEWEST = 5


@dataclass(frozen=True)
class RatioModel:
    """LR = P(score | fake) / P(score | real), from reference videos.

    logistic  of logit(P(fake)), at equal prior odds: its odds are the likelihood ratio
    bounds    that the reference videos support
    fake      how many reference videos were fake
    real      how many were real
    """

    logistic: Logistic
    bounds: RatioBounds
    fake: int
    real: int

    def log10_ratio(self, probability: Scores) -> Array:
        """log10(LR) of each P(fake), within the bounds; NaN stays."""
        return self.bounds.clipped(_unbounded(self.logistic, probability))


def fit_ratio(labels: Labels, probability: Scores) -> RatioModel | None:
    """The model of reference videos; None where they cannot support one.

    They cannot with fewer than 5 videos of a class, and where a higher score does not mean fake.

    Args:
        labels: (n,) 0 real, 1 fake, -1 unknown.
        probability: (n,) P(fake); NaN where there is none.
    """
    labels, probability = known(labels, probability)
    is_fake = labels == FAKE
    if min(is_fake.sum(), (labels == REAL).sum()) < FEWEST:
        return None
    logistic = fit_logistic(labels, logit(probability))
    if logistic.slope <= 0:
        return None
    ratios = _unbounded(logistic, probability)
    bounds = find_bounds(ratios[is_fake], ratios[~is_fake])
    if bounds.lower == bounds.upper:
        return None
    return RatioModel(logistic, bounds, int(is_fake.sum()), int((~is_fake).sum()))


def _unbounded(logistic: Logistic, probability: Scores) -> Array:
    natural = logistic.log_odds(logit(probability))
    return np.asarray(natural / np.log(10.0))
