"""Masks: where a forged picture is seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.forging.picture.ellipse import Ellipse
from avdf.model.forging.picture.face_mask import random_face_mask
from avdf.model.forging.picture.mask import Mask, Weights


def whole(mask: Mask, side: int) -> Weights:
    """The weights of a mask in its crop."""
    weights = np.zeros((side, side), np.float32)
    height, width = mask.weights.shape
    weights[mask.top : mask.top + height, mask.left : mask.left + width] = mask.weights
    return weights


@given(st.integers(0, 10_000))
def test_a_face_mask_covers_a_face(seed: int) -> None:
    weights = whole(random_face_mask(224, np.random.default_rng(seed)), 224)
    assert weights.min() >= 0
    assert weights.max() <= 1 + 1e-6
    # Nose and upper lip are always within, corners and hair never are.
    assert weights[140, 112] > 0.9
    assert not weights[:24].any()
    assert not weights[:, :24].any()
    assert not weights[:, -24:].any()
    assert 0.05 < weights.mean() < 0.4


@given(st.integers(8, 100), st.integers(0, 1000))
def test_crops_of_any_size_have_a_face_mask(side: int, seed: int) -> None:
    weights = whole(random_face_mask(side, np.random.default_rng(seed)), side)
    assert weights.any()


def test_a_mask_is_cut_to_its_rectangle() -> None:
    weights = np.zeros((10, 10), np.float32)
    weights[3:6, 4:9] = 0.5
    mask = Mask.of(weights)
    assert (mask.top, mask.left, mask.size) == (3, 4, (5, 3))
    np.testing.assert_array_equal(whole(mask, 10), weights)


def test_pasting_blends_by_weight_and_share() -> None:
    weights = np.zeros((6, 6), np.float32)
    weights[2, 1:4] = [0.25, 0.5, 1]
    mask = Mask.of(weights)
    crop = np.full((6, 6, 3), 100, np.uint8)
    mask.faded(0.5).paste(np.full((1, 3, 3), 200, np.uint8), crop)
    expected = np.full((6, 6), 100)
    expected[2, 1:4] = [112, 125, 150]  # 112.5 is rounded to even
    assert np.abs(crop[..., 0] - expected).max() <= 1
    outside = np.delete(crop.reshape(36, 3), [13, 14, 15], axis=0)
    assert (outside == 100).all()


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_pasting_is_within_a_level_of_the_plain_formula(
    seed: int, share: float
) -> None:
    generator = np.random.default_rng(seed)
    weights = generator.random((20, 20), np.float32)
    weights[:2] = 1
    below, above = generator.integers(0, 256, (2, 20, 20, 3), np.uint8)
    crop = below.copy()
    Mask.of(weights).faded(share).paste(above, crop)
    seen = share * weights[..., None].astype(float)
    assert np.abs(crop - (seen * above + (1 - seen) * below)).max() < 1.5
    if share == 1:
        np.testing.assert_array_equal(crop[:2], above[:2])


def test_an_ellipse_has_its_area() -> None:
    painted = Ellipse(0.5, 0.5, 0.25, 0.125).painted(400)
    assert painted.sum() == pytest.approx(np.pi * 100 * 50, rel=0.02)


def test_masks_that_are_none() -> None:
    with pytest.raises(ValueError, match="without any weight"):
        Mask.of(np.zeros((4, 4), np.float32))
    with pytest.raises(ValueError, match="weights of shape"):
        Mask(0, 0, np.zeros((0, 4), np.float32))
    with pytest.raises(ValueError, match="begins at"):
        Mask(-1, 0, np.ones((4, 4), np.float32))
    with pytest.raises(ValueError, match="without area"):
        Ellipse(0.5, 0.5, 0.0, 0.1)
