"""The MDCT: by its definition, and back without loss."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.augment.lapped_transform import LappedTransform


def test_coefficients_equal_the_definition() -> None:
    hop = 8
    samples = np.random.default_rng(0).normal(size=32)
    padded = np.concatenate([np.zeros(hop), samples, np.zeros(hop)])
    time, row = np.arange(2 * hop), np.arange(hop)
    window = np.sin(np.pi / (2 * hop) * (time + 0.5))
    angle = np.pi / hop * np.outer(row + 0.5, time + 0.5 + hop / 2)
    found = LappedTransform(hop).analyse(samples)
    for index, coefficients in enumerate(found):
        frame = padded[index * hop : index * hop + 2 * hop] * window
        expected = np.sqrt(2 / hop) * np.cos(angle) @ frame
        np.testing.assert_allclose(coefficients, expected, atol=1e-10)


@given(length=st.integers(1, 2000), hop=st.sampled_from([2, 64, 320, 512]))
def test_synthesis_undoes_analysis(length: int, hop: int) -> None:
    samples = np.random.default_rng(length).normal(size=length)
    transform = LappedTransform(hop)
    back = transform.synthesise(transform.analyse(samples), length)
    np.testing.assert_allclose(back, samples, atol=1e-10)


@pytest.mark.parametrize("hop", [0, 7])
def test_hops_are_even(hop: int) -> None:
    with pytest.raises(ValueError, match="must be even"):
        LappedTransform(hop)
