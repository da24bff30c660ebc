"""Whether two detectors differ in AUC on the same videos: DeLong's test.

DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44), in the fast form of Sun and Xu 2014 (IEEE
Signal Processing Letters 21): the structural components come from midranks, in O(n log n).

The test takes the videos for independent. Videos of one person resemble each other, and then its
p-value is too small: `bootstrap.paired_bootstrap` draws whole persons.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import Labels, Scores

Array = npt.NDArray[np.float64]

_Z_95 = (
    1.959963984540054  # of a normal distribution: 95 % lie within so many deviations
)


@dataclass(frozen=True)
class DeLong:
    """Two AUCs on the same videos, and their difference.

    first, second  the AUC of each
    error          standard error of the difference `second` - `first`
    interval       of the difference: 95 %, by the normal distribution
    p_value        of two sides, that the difference is 0. None where the error is 0 and the
                   difference is not: the normal distribution says nothing there
    """

    first: float
    second: float
    error: float
    interval: tuple[float, float]
    p_value: float | None

    @property
    def difference(self) -> float:
        """`second` - `first`."""
        return self.second - self.first


def delong(labels: Labels, first: Scores, second: Scores) -> DeLong | None:
    """DeLong's test; None with fewer than two videos of a class.

    Args:
        labels: (n,) 0 real, 1 fake.
        first, second: (n,) P(fake) that two detectors give the same videos, all of them finite.

    Raises:
        ValueError: the arrays differ in length, a score is not finite, or a label is another.
    """
    _check(labels, first, second)
    is_fake = labels == FAKE
    fakes, reals = int(is_fake.sum()), int((~is_fake).sum())
    if min(fakes, reals) < 2:
        return None

    # Of each detector: for each fake, the share of real videos below it; for each real video, the
    # share of fakes above it. The mean of either is the AUC.
    components = [structural_components(is_fake, scores) for scores in (first, second)]
    of_fakes = np.stack([by_fake for by_fake, _ in components])
    of_reals = np.stack([by_real for _, by_real in components])
    areas = of_fakes.mean(axis=1)

    # The components of a difference are the differences of components, so that their variances
    # give that of the difference without three other terms that cancel.
    variance = (
        np.diff(of_fakes, axis=0).var(ddof=1) / fakes
        + np.diff(of_reals, axis=0).var(ddof=1) / reals
    )
    difference, error = float(areas[1] - areas[0]), float(np.sqrt(variance))
    return DeLong(
        first=float(areas[0]),
        second=float(areas[1]),
        error=error,
        interval=(difference - _Z_95 * error, difference + _Z_95 * error),
        p_value=_p_value(difference, error),
    )


def structural_components(
    is_fake: npt.NDArray[np.bool_], scores: Scores
) -> tuple[Array, Array]:
    """V10 (fakes,) and V01 (reals,): the share of pairs with the other class in the right order.

    A pair of equal scores counts half. Sun and Xu 2014, Eq. 6 to 9: the rank among all videos less
    the rank within the own class is the number of videos of the other class below.
    """
    from scipy.stats import rankdata

    among_all = rankdata(scores)
    fakes, reals = scores[is_fake], scores[~is_fake]
    reals_below = among_all[is_fake] - rankdata(fakes)
    fakes_below = among_all[~is_fake] - rankdata(reals)
    by_fake = reals_below / len(reals)
    by_real = 1 - fakes_below / len(fakes)
    return np.asarray(by_fake), np.asarray(by_real)


def _p_value(difference: float, error: float) -> float | None:
    """Of two sides, by the normal distribution: P(|Z| >= |difference| / error)."""
    if error == 0:
        return 1.0 if difference == 0 else None
    return math.erfc(abs(difference) / error / math.sqrt(2))


def _check(labels: Labels, first: Scores, second: Scores) -> None:
    if not labels.shape == first.shape == second.shape:
        raise ValueError(
            f"labels {labels.shape} with scores {first.shape} and {second.shape}"
        )
    if not np.isin(labels, (REAL, FAKE)).all():
        raise ValueError("a label is neither 0 (real) nor 1 (fake)")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("a score is not finite")
