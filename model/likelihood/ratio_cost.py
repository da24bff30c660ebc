"""How good likelihood ratios are: the cost Cllr, its least value, and the empirical cross-entropy.

Sources: Brummer and du Preez 2006 (Cllr); Ramos and Gonzalez-Rodriguez 2013 (cross-entropy).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE
from avdf.model.metrics import Labels

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RatioCost:
    """The cost of ratios on videos whose label is known.

    cllr      in bits: 0 for perfect ratios, 1 for ratios of 1, which state nothing
    cllr_min  what remains with the best ratios that keep the order of the videos
    """

    cllr: float
    cllr_min: float


def ratio_cost(labels: Labels, log10_ratio: Array) -> RatioCost | None:
    """The cost over videos with labels (n,) 0 or 1 and finite log10(LR); None without both."""
    is_fake = labels == FAKE
    if is_fake.all() or not is_fake.any():
        return None
    best = best_in_order(labels, log10_ratio)
    return RatioCost(
        cllr=float(cross_entropy(labels, log10_ratio, np.zeros(1))[0]),
        cllr_min=float(cross_entropy(labels, best, np.zeros(1))[0]),
    )


def cross_entropy(labels: Labels, log10_ratio: Array, log10_odds: Array) -> Array:
    """(k,) bits of uncertainty that remain at prior odds (k,) of fake against real.

    At odds of 1 it is Cllr. Ratios of 1 leave the uncertainty of the prior odds.

    Args:
        labels: (n,) 0 or 1, both of which occur.
        log10_ratio: (n,); may be infinite.
    """
    odds = np.log(10.0) * log10_odds
    ratio = np.log(10.0) * log10_ratio
    is_fake = labels == FAKE
    prior_fake = 1 / (1 + np.exp(-odds))
    # Of a fake, the surprise is -log2 P(fake) at posterior odds of ratio times prior odds.
    of_fake = np.logaddexp(0.0, -(ratio[is_fake][:, None] + odds)).mean(axis=0)
    of_real = np.logaddexp(0.0, ratio[~is_fake][:, None] + odds).mean(axis=0)
    both = prior_fake * of_fake + (1 - prior_fake) * of_real
    return np.asarray(both / np.log(2.0))


def best_in_order(labels: Labels, log10_ratio: Array) -> Array:
    """The log10(LR) of least cost that do not change the order: pool adjacent violators.

    They may be infinite. Arguments as of `ratio_cost`.
    """
    from sklearn.isotonic import IsotonicRegression

    is_fake = labels == FAKE
    # With both classes weighing the same, the posterior odds are the ratio itself.
    weight = np.where(is_fake, 0.5 / is_fake.sum(), 0.5 / (~is_fake).sum())
    fit = IsotonicRegression(y_min=0.0, y_max=1.0)
    # Infinite ratios have an order too, which their ranks keep.
    _, rank = np.unique(log10_ratio, return_inverse=True)
    order = rank.astype(float)
    posterior = fit.fit(order, is_fake.astype(float), weight).predict(order)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(posterior) - np.log10(1 - posterior))
