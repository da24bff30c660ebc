"""The bounds of likelihood ratios against a plain search, and what few videos support."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.likelihood.ratio_bounds import RatioBounds, find_bounds

ratios = st.lists(st.floats(-6, 6), min_size=1, max_size=30).map(np.array)


def plain_cost(fake: np.ndarray, real: np.ndarray, threshold: float) -> float:
    """Expected cost at one threshold, with one misleading ratio added to each class."""
    missed = sum(ratio <= threshold for ratio in fake) + 1
    accused = sum(ratio > threshold for ratio in real) + 1
    accused_share = accused / (len(real) + 1)
    return float(missed / (len(fake) + 1) + 10**threshold * accused_share)


@given(ratios, ratios)
def test_within_the_bounds_ratios_are_worth_more_than_none(
    fake: np.ndarray, real: np.ndarray
) -> None:
    bounds = find_bounds(fake, real)

    for threshold in np.linspace(bounds.lower, bounds.upper, 20)[1:-1]:
        # Thresholds of the search are 0.01 apart.
        at = round(threshold / 0.01) * 0.01
        if bounds.lower < at < bounds.upper and abs(at) > 1e-9:
            assert plain_cost(fake, real, at) <= min(1, 10**at) + 1e-9


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_n_videos_support_ratios_of_about_n(count: int) -> None:
    # Told apart without a mistake, however far: n videos cannot exclude one error in n.
    fake, real = np.full(count, 20.0), np.full(count, -20.0)

    bounds = find_bounds(fake, real)

    assert 10**bounds.upper == pytest.approx(count, rel=0.03)
    assert 10**-bounds.lower == pytest.approx(count, rel=0.03)


def test_scores_that_say_nothing_support_nothing() -> None:
    same = np.linspace(-3, 3, 50)

    bounds = find_bounds(same, same)

    assert (bounds.lower, bounds.upper) == (0, 0)


def test_ratios_outside_are_moved_to_the_bound() -> None:
    bounds = RatioBounds(-1.0, 2.0)

    clipped = bounds.clipped(np.array([-5.0, 0.5, 9.0, np.nan]))

    np.testing.assert_array_equal(clipped, [-1.0, 0.5, 2.0, np.nan])


def test_bounds_contain_the_ratio_that_states_nothing() -> None:
    with pytest.raises(ValueError, match="do not contain 0"):
        RatioBounds(0.5, 2.0)
