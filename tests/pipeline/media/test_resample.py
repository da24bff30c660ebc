"""Crops at every scale: each pixel is the mean over its area, nothing leaps between scales."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from avdf.pipeline.media.resample import Plane, exact_square, quick_square, shrunk

BORDER = 16
CROP = 224  # pixels of a crop to each side
Means = npt.NDArray[np.float64]
Cut = Callable[..., Plane]


def noise(height: int, width: int, seed: int) -> Plane:
    generator = np.random.default_rng(seed)
    levels = generator.integers(0, 256, (height, width))
    return levels.astype(np.uint8)


PLANE = noise(700, 820, seed=3)


# The mean over each pixel's area, pixel by pixel


def shares_of_cells(
    start: float,
    step: float,
    cells: int,
) -> Means:
    """How much of the stretch from `start` to `start + step` lies in each cell."""
    first = np.arange(cells)
    left = np.maximum(first, start)
    right = np.minimum(first + 1, start + step)
    inside = np.clip(right - left, 0, None)
    return np.asarray(inside / step)


def mean_of_areas(
    x: float,
    y: float,
    side: float,
    size: int,
) -> Means:
    """The mean of PLANE over each pixel's area; what lies outside counts as BORDER."""
    height, width = PLANE.shape
    step = side / size
    found = np.zeros((size, size))
    for row in range(size):
        down = shares_of_cells(y + row * step, step, height)
        for column in range(size):
            across = shares_of_cells(x + column * step, step, width)
            outside = 1 - down.sum() * across.sum()
            inside = down @ PLANE @ across
            found[row, column] = inside + BORDER * outside
    return found


@pytest.mark.parametrize(
    ("x", "y", "side"),
    [
        # About one sample for a pixel, two, and two squares across the border.
        (10.3, 7.9, 33.0),
        (40, 40, 62.7),
        (-9.4, 600.5, 128.0),
        (700.2, -20, 140),
    ],
)
def test_each_pixel_is_the_mean_of_its_area(
    x: float,
    y: float,
    side: float,
) -> None:
    found = exact_square(PLANE, x, y, side, 32, BORDER)
    wanted = mean_of_areas(x, y, side, 32)
    # Half a level of rounding.
    np.testing.assert_allclose(found, wanted, atol=0.51)


@pytest.mark.parametrize("cut", [exact_square, quick_square])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        (2000, 10),
        (-900, -900),
    ],
)
def test_outside_of_the_plane_is_the_border(
    cut: Cut,
    x: float,
    y: float,
) -> None:
    found = cut(PLANE, x, y, 300, 32, BORDER)
    assert (found == BORDER).all()


# Stripes


AMPLITUDE = 100  # grey levels to each side of 128


def stripes(period: float) -> Plane:
    """Vertical stripes."""
    phase = 2 * np.pi * np.arange(900) / period
    wave = 128 + AMPLITUDE * np.sin(phase)
    return np.tile(wave, (900, 1)).astype(np.uint8)


def contrast(plane: Plane) -> float:
    return float(plane.astype(float).std())


def contrast_left(cut: Cut, period: float, side: float) -> float:
    """The contrast of a crop of the stripes."""
    return contrast(cut(stripes(period), 1.4, 1.4, side, CROP, BORDER))


@pytest.mark.parametrize("side", [225, 280, 336, 400, 447, 449, 600, 895])
def test_detail_finer_than_a_pixel_does_not_come_back_as_stripes(side: int) -> None:
    """Of stripes that 224 pixels cannot hold, no more is left than a mean over areas leaves."""
    step = side / CROP
    period = 2.1 if side < 450 else step * 1.2

    found = contrast_left(exact_square, period, side)

    # A mean over `step` damps a sine by sinc(step / period); its deviation is 1 / sqrt(2).
    damping = abs(np.sinc(step / period))
    expected = damping * AMPLITUDE / np.sqrt(2)
    assert found < expected + 4


@pytest.mark.parametrize("side", [336, 400, 447])
def test_the_exact_square_leaves_less_of_such_stripes_than_the_quick_one(
    side: int,
) -> None:
    exact = contrast_left(exact_square, 2.1, side)
    quick = contrast_left(quick_square, 2.1, side)
    assert exact < 0.75 * quick


# Scales


@pytest.mark.parametrize("side", [224.0, 448.0, 672.0, 896.0])
def test_nothing_leaps_between_scales(side: float) -> None:
    """Noise, where a square grows by a hundredth of a pixel. Means of whole blocks leap by 20."""
    plane = noise(1000, 1000, seed=1)
    below = exact_square(plane, 3.3, 5.7, side - 0.005, CROP, BORDER)
    above = exact_square(plane, 3.3, 5.7, side + 0.005, CROP, BORDER)
    change = np.abs(below.astype(int) - above)
    assert change.mean() < 1


@pytest.mark.parametrize("side", [80.0, 150.5, 224.0])
def test_a_small_square_is_interpolated(side: float) -> None:
    """A pixel of the crop is smaller than one of the plane: there is no area to average."""
    exact = exact_square(PLANE, 5.5, 8.25, side, CROP, BORDER)
    quick = quick_square(PLANE, 5.5, 8.25, side, CROP, BORDER)
    np.testing.assert_array_equal(exact, quick)


def test_a_plane_is_shrunk_to_width_and_height() -> None:
    width, height = 41, 35
    found = shrunk(PLANE, (width, height))
    assert found.shape == (height, width)


def test_a_flat_plane_keeps_its_level_where_it_is_shrunk() -> None:
    flat = np.full((10, 20), 7, np.uint8)
    assert (shrunk(flat, (4, 3)) == 7).all()
