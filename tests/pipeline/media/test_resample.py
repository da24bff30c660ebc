"""Crops at every scale: each pixel is the mean over its area, nothing leaps between scales."""

import numpy as np
import numpy.typing as npt
import pytest

from avdf.pipeline.media.resample import Plane, exact_square, quick_square, shrunk

PLANE = np.random.default_rng(3).integers(0, 256, (700, 820)).astype(np.uint8)
BORDER = 16

Means = npt.NDArray[np.float64]


def mean_of_areas(x: float, y: float, side: float, size: int) -> Means:
    """The mean of PLANE over each pixel's area, pixel by pixel."""
    step = side / size
    found = np.zeros((size, size))

    def shares(start: float, length: int) -> Means:
        cells = np.arange(length)
        inside = np.minimum(cells + 1, start + step) - np.maximum(cells, start)
        return np.asarray(np.clip(inside, 0, None) / step)

    for row in range(size):
        down = shares(y + row * step, PLANE.shape[0])
        for column in range(size):
            across = shares(x + column * step, PLANE.shape[1])
            outside = 1 - down.sum() * across.sum()
            found[row, column] = down @ PLANE @ across + BORDER * outside
    return found


@pytest.mark.parametrize(
    ("x", "y", "side"),
    [
        (10.3, 7.9, 33.0),
        (40, 40, 62.7),
        (-9.4, 600.5, 128.0),
        (700.2, -20, 140),
    ],
)
def test_each_pixel_is_the_mean_of_its_area(x: float, y: float, side: float) -> None:
    found = exact_square(PLANE, x, y, side, 32, BORDER)
    np.testing.assert_allclose(found, mean_of_areas(x, y, side, 32), atol=0.51)


@pytest.mark.parametrize("cut", [exact_square, quick_square])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        (2000, 10),
        (-900, -900),
    ],
)
def test_outside_of_the_plane_is_the_border(cut: object, x: float, y: float) -> None:
    assert callable(cut)
    assert (cut(PLANE, x, y, 300, 32, BORDER) == BORDER).all()


def stripes(period: float) -> Plane:
    """Vertical stripes of 100 grey levels to each side."""
    wave = 128 + 100 * np.sin(2 * np.pi * np.arange(900) / period)
    return np.tile(wave, (900, 1)).astype(np.uint8)


def contrast(plane: Plane) -> float:
    return float(plane.astype(float).std())


@pytest.mark.parametrize("side", [225, 280, 336, 400, 447, 449, 600, 895])
def test_detail_finer_than_a_pixel_does_not_come_back_as_stripes(side: int) -> None:
    """Of stripes that 224 pixels cannot hold, no more is left than a mean over areas leaves."""
    step = side / 224
    period = 2.1 if side < 450 else step * 1.2
    cut = exact_square(stripes(period), 1.4, 1.4, side, 224, BORDER)
    expected = abs(np.sinc(step / period)) * 100 / np.sqrt(2)
    assert contrast(cut) < expected + 4


@pytest.mark.parametrize("side", [336, 400, 447])
def test_the_exact_square_leaves_less_of_such_stripes_than_the_quick_one(
    side: int,
) -> None:
    exact, quick = (
        contrast(cut(stripes(2.1), 1.4, 1.4, side, 224, BORDER))
        for cut in (exact_square, quick_square)
    )
    assert exact < 0.75 * quick


@pytest.mark.parametrize("side", [224.0, 448.0, 672.0, 896.0])
def test_nothing_leaps_between_scales(side: float) -> None:
    """Noise, where a square grows by a hundredth of a pixel. Means of whole blocks leap by 20."""
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000)).astype(np.uint8)
    below = exact_square(noise, 3.3, 5.7, side - 0.005, 224, BORDER)
    above = exact_square(noise, 3.3, 5.7, side + 0.005, 224, BORDER)
    assert np.abs(below.astype(int) - above).mean() < 1


@pytest.mark.parametrize("side", [80.0, 150.5, 224.0])
def test_a_small_square_is_interpolated(side: float) -> None:
    exact = exact_square(PLANE, 5.5, 8.25, side, 224, BORDER)
    quick = quick_square(PLANE, 5.5, 8.25, side, 224, BORDER)
    np.testing.assert_array_equal(exact, quick)


def test_a_plane_is_shrunk_to_width_and_height() -> None:
    assert shrunk(PLANE, (41, 35)).shape == (35, 41)
    assert (shrunk(np.full((10, 20), 7, np.uint8), (4, 3)) == 7).all()
