"""Linear prediction: as the normal equations give it, solved directly."""

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

from avdf.model.forging.sound.linear_prediction import autocorrelation, predictor


def test_autocorrelation_equals_numpy() -> None:
    frames = np.random.default_rng(0).normal(size=(3, 50))
    expected = [np.correlate(frame, frame, "full")[49 : 49 + 20] for frame in frames]
    np.testing.assert_allclose(autocorrelation(frames, 20), expected, atol=1e-10)


@pytest.mark.parametrize("order", [1, 2, 18])
def test_predictor_solves_the_normal_equations(order: int) -> None:
    frames = np.random.default_rng(order).normal(size=(4, 300)).cumsum(axis=1)
    correlation = autocorrelation(frames, order + 1)
    filters, error = predictor(correlation)
    for lags, taps, energy in zip(correlation, filters, error, strict=True):
        solution = solve_toeplitz(lags[:-1], -lags[1:])
        np.testing.assert_allclose(taps, [1.0, *solution], rtol=1e-6, atol=1e-8)
        assert energy == pytest.approx(lags @ taps)


def test_a_known_filter_is_found() -> None:
    known = np.array([1.0, -1.6, 0.81])
    noise = np.random.default_rng(0).normal(size=(1, 100_000))
    filters, error = predictor(autocorrelation(lfilter([1.0], known, noise), 3))
    np.testing.assert_allclose(filters[0], known, atol=0.01)
    assert error[0] / noise.shape[1] == pytest.approx(1.0, abs=0.02)
