"""Cllr, its least value and the cross-entropy against plain formulae."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.likelihood.ratio_cost import cross_entropy, ratio_cost

GENERATOR = np.random.default_rng(3)
LABELS = np.repeat([1, 0], [40, 60])
RATIOS = GENERATOR.normal(size=100) + 2 * LABELS - 1


def plain_cllr(labels: np.ndarray, log10_ratio: np.ndarray) -> float:
    """1/2 (mean over fakes of log2(1 + 1/LR) + mean over reals of log2(1 + LR))."""
    of_fake, of_real = [], []
    for label, log_ratio in zip(labels, log10_ratio, strict=True):
        ratio = 10**log_ratio
        if label == 1:
            of_fake.append(math.log2(1 + 1 / ratio))
        else:
            of_real.append(math.log2(1 + ratio))
    return (sum(of_fake) / len(of_fake) + sum(of_real) / len(of_real)) / 2


def test_the_cost_is_that_of_the_formula() -> None:
    found = ratio_cost(LABELS, RATIOS)

    assert found is not None
    assert found.cllr == pytest.approx(plain_cllr(LABELS, RATIOS))


def test_ratios_of_one_cost_one_bit_and_perfect_ones_nothing() -> None:
    nothing = ratio_cost(LABELS, np.zeros(100))
    perfect = ratio_cost(LABELS, np.where(LABELS == 1, 30.0, -30.0))

    assert nothing is not None and perfect is not None
    assert nothing.cllr == pytest.approx(1) and nothing.cllr_min == pytest.approx(1)
    assert perfect.cllr == pytest.approx(0) and perfect.cllr_min == pytest.approx(0)


@given(st.floats(0.1, 5), st.floats(-3, 3))
def test_the_least_cost_depends_on_the_order_alone(scale: float, shift: float) -> None:
    plain, changed = (
        ratio_cost(LABELS, RATIOS),
        ratio_cost(LABELS, scale * RATIOS + shift),
    )

    assert plain is not None and changed is not None
    assert changed.cllr_min == pytest.approx(plain.cllr_min)
    assert changed.cllr_min <= changed.cllr + 1e-12


def test_the_least_cost_is_that_of_groups_that_are_pooled() -> None:
    # In the order of the ratios: real, then fake and real in the wrong order, then fake.
    labels = np.array([0, 1, 0, 1])
    ratios = np.array([-2.0, -1.0, 1.0, 2.0])

    found = ratio_cost(labels, ratios)

    # The two in the middle are pooled: half of the fakes and half of the reals, a ratio of 1.
    assert found is not None
    assert found.cllr_min == pytest.approx((1 / 2 + 1 / 2) / 2)


@pytest.mark.parametrize("log10_odds", [-2.0, 0.0, 1.0])
def test_the_cross_entropy_is_the_surprise_at_the_prior_odds(log10_odds: float) -> None:
    odds = 10**log10_odds
    prior = odds / (1 + odds)
    of_fake = [math.log2(1 + 1 / (10**r * odds)) for r in RATIOS[LABELS == 1]]
    of_real = [math.log2(1 + 10**r * odds) for r in RATIOS[LABELS == 0]]
    wanted = prior * np.mean(of_fake) + (1 - prior) * np.mean(of_real)

    found = cross_entropy(LABELS, RATIOS, np.array([log10_odds]))

    assert found == pytest.approx(wanted)


def test_without_both_classes_there_is_no_cost() -> None:
    assert ratio_cost(np.ones(3, np.int64), np.zeros(3)) is None
