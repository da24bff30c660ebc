"""Sharpness and fine detail of crops: against plain loops, and on patterns that are known."""

import numpy as np
import pytest
from scipy import ndimage

from avdf.cache.core.crop_measures import brightness, fine_detail, sharpness


def noise(size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (size, size))


def wave(period: float, size: int = 64) -> np.ndarray:
    """Stripes of brightness."""
    row = 128 + 100 * np.cos(2 * np.pi * np.arange(size) / period)
    return np.tile(row, (size, 1))


def test_brightness_weighs_the_colours() -> None:
    crop = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    np.testing.assert_allclose(brightness(crop), [[76.245, 149.685, 29.07]])


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    bright = noise(9)
    values = [
        bright[y, x - 1] + bright[y, x + 1] + bright[y - 1, x] + bright[y + 1, x]
        - 4 * bright[y, x]
        for y in range(1, 8)
        for x in range(1, 8)
    ]  # fmt: skip
    mean = sum(values) / len(values)
    expected = sum((value - mean) ** 2 for value in values) / len(values)
    assert sharpness(bright) == pytest.approx(expected)
    assert sharpness(bright) == pytest.approx(ndimage.laplace(bright)[1:-1, 1:-1].var())


def test_a_blurred_picture_is_less_sharp_and_has_less_fine_detail() -> None:
    bright = noise(64)
    blurred = ndimage.gaussian_filter(bright, 1.5)
    assert sharpness(blurred) < sharpness(bright) / 100
    assert fine_detail(blurred) < fine_detail(bright) / 100


def test_fine_detail_is_waves_shorter_than_four_pixels() -> None:
    assert fine_detail(wave(16)) == pytest.approx(0, abs=1e-3)
    assert fine_detail(wave(2.5)) == pytest.approx(100, abs=0.1)
    # Along either axis, and of both in proportion to their contrast.
    assert fine_detail(wave(2.5).T) == pytest.approx(100, abs=0.1)
    assert fine_detail(wave(16) + wave(2.5).T) == pytest.approx(50, abs=0.5)


def test_a_flat_crop_has_neither() -> None:
    flat = np.full((32, 32), 90.0)
    assert sharpness(flat) == 0
    assert fine_detail(flat) == 0
