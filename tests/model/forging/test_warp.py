"""Displacements of pixels."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import map_coordinates

from avdf.model.forging.picture.warp import (
    own_places,
    smooth_displacement,
    taken_from,
)

GENERATOR = np.random.default_rng(0)
NOISE = GENERATOR.integers(0, 256, (48, 40, 3), dtype=np.uint8)


def test_own_places_take_each_pixel_from_itself() -> None:
    np.testing.assert_array_equal(taken_from(NOISE, own_places(0, 0, (40, 48))), NOISE)
    part = taken_from(NOISE, own_places(7, 5, (20, 10)))
    np.testing.assert_array_equal(part, NOISE[5:15, 7:27])


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_places_between_and_beyond_pixels(dtype: type) -> None:
    """Far beyond the border too: on a smooth image, all ways to interpolate agree."""
    blurred = cv2.GaussianBlur(NOISE, (0, 0), 3)
    smooth: npt.NDArray[Any] = np.asarray(blurred[..., 0], dtype)
    away = GENERATOR.normal(scale=4, size=(48, 40, 2)).astype(np.float32)
    places = own_places(0, 0, (40, 48)) + away
    expected = map_coordinates(
        smooth.astype(float), [places[..., 1], places[..., 0]], order=1, mode="nearest"
    )
    taken = taken_from(smooth, places)
    assert taken.dtype == dtype
    np.testing.assert_allclose(taken.astype(float), expected, atol=2)


def test_a_displacement_is_smooth_between_its_points() -> None:
    grid = GENERATOR.normal(size=(4, 4, 2)).astype(np.float32)
    field = smooth_displacement(grid, (80, 120))
    assert field.shape == (120, 80, 2)
    # In the middle of each cell of the grid, its own value, about.
    np.testing.assert_allclose(field[15::30, 10::20], grid, atol=0.25)
    assert np.abs(np.diff(field, axis=0)).max() < 0.3
