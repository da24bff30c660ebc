"""Temperature scaling: how confident scores should have been, judged on validation videos."""

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.logistic import logit
from avdf.model.metrics import Labels, Scores, known

# Temperatures below 1 would move scores so near to 0 and 1 that many videos have the same
# floating point number.
COOLEST, HOTTEST = 1.0, 10.0
# Standard deviation of log T around 0, before any validation video is seen.
_PRIOR_DEVIATION = float(np.log(2.0))


def fit_temperature(labels: Labels, scores: Scores) -> float:
    """The T in [1, 10] that makes sigmoid(logit(P) / T) most likely; 1 where a class is missing.

    A prior holds log T near 0: a dozen validation videos move it little, thousands decide alone.
    With T of at least 1 no two scores become equal, so the order of videos stays the same.

    Args:
        labels: (n,) 0 real, 1 fake, -1 unknown.
        scores: (n,) P(fake); NaN where there is none.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks".
    """
    labels, scores = known(labels, scores)
    if {REAL, FAKE} - set(labels.tolist()):
        return 1.0
    logits = logit(scores)
    signed = np.where(labels == FAKE, logits, -logits)

    def cost(log_t: float) -> float:
        """Negative log likelihood of the labels, and of the temperature under its prior."""
        scaled = -signed / np.exp(log_t)
        likelihood = np.logaddexp(0.0, scaled).sum()
        prior = 0.5 * (log_t / _PRIOR_DEVIATION) ** 2
        return float(likelihood + prior)

    # Imported late: only `--calibrate` fits temperatures.
    from scipy.optimize import minimize_scalar

    bounds = (np.log(COOLEST), np.log(HOTTEST))
    found = minimize_scalar(cost, bounds=bounds, method="bounded").x
    # The search stops a little inside its bounds: where T = 1 is as good, nothing is changed.
    if cost(0.0) <= cost(found):
        return 1.0
    return float(np.exp(found))
