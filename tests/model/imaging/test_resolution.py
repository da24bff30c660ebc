"""Images made coarser or sharper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from avdf.model.imaging.resolution import coarser, sharper

IMAGE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.05, 1.0))
def test_the_size_stays(height: int, width: int, factor: float) -> None:
    image = np.zeros((height, width, 3), np.uint8)
    assert coarser(image, factor).shape == image.shape


def test_coarser_loses_detail_and_keeps_the_mean() -> None:
    spreads = [coarser(IMAGE, factor).std() for factor in (1.0, 0.5, 0.25)]
    assert spreads[0] == IMAGE.std()
    assert spreads[0] > spreads[1] > spreads[2]
    assert coarser(IMAGE, 0.25).mean() == pytest.approx(IMAGE.mean(), abs=2)


def test_sharper_adds_the_difference_from_the_mean() -> None:
    image = (IMAGE // 4 + 96).astype(np.uint8)
    x = image.astype(float)
    mean = ndimage.uniform_filter(x, (3, 3, 1), mode="mirror")
    expected = np.clip(x + 0.8 * (x - mean), 0, 255)
    # The mean is rounded before it is used.
    assert np.abs(sharper(image, 0.8) - expected).max() <= 1


@pytest.mark.parametrize("factor", [0.0, -0.5, 1.5])
def test_factors_outside_of_the_range(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        coarser(IMAGE, factor)
