"""A decoded frame: crops at exact locations, small copies, thumbnails."""

import numpy as np
import numpy.typing as npt
import pytest

from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane


def square(x: float, y: float, side: float) -> npt.NDArray[np.float32]:
    """The corners of a square."""
    corners = [x, y, x + side, y + side]
    return np.array(corners, np.float32)


def flat_plane(width: int, height: int, level: int) -> Plane:
    return np.full((height, width), level, np.uint8)


def grey_frame(luma: Plane) -> DecodedFrame:
    """A frame without colour, with chroma at half of its size, rounded up."""
    height, width = luma.shape
    chroma = flat_plane((width + 1) // 2, (height + 1) // 2, 128)
    return DecodedFrame(0, (luma, chroma, chroma), Colour())


def bright_frame(width: int, height: int) -> DecodedFrame:
    return grey_frame(flat_plane(width, height, 200))


# Crops


@pytest.mark.parametrize(
    ("x", "side"),
    [
        (40.3, 112.0),  # two pixels of the frame for one of the crop
        (20.75, 150.0),
        (60.0, 56.0),  # one for one
    ],
)
def test_a_crop_of_a_ramp_is_the_ramp_at_its_location(x: float, side: float) -> None:
    size = 56
    ramp = np.linspace(16, 235, 220).round()  # luma 16 + i in column i
    luma = np.tile(ramp, (180, 1)).astype(np.uint8)

    crop = grey_frame(luma).crop(square(x, 10, side), size)

    # Column of the frame below the centre of each pixel of the crop.
    centres = x + (np.arange(size) + 0.5) * side / size - 0.5
    # Luma from 16 to 235 is a grey from 0 to 255.
    wanted = centres * 255 / 219
    middle_row = crop[28, :, 0]
    np.testing.assert_allclose(middle_row[4:-4], wanted[4:-4], atol=2.5)


def test_beyond_the_frame_a_crop_is_black() -> None:
    """Only the last quarter of the square lies in the frame."""
    crop = bright_frame(60, 60).crop(square(-30, -30, 60), 60)
    outside = crop[:28, :28]
    inside = crop[32:, 32:]
    assert outside.max() == 0
    assert inside.min() > 200


def test_a_crop_outside_of_the_frame_is_black() -> None:
    crop = bright_frame(60, 60).crop(square(500, 500, 100), 60)
    assert crop.max() == 0


def test_a_quick_crop_of_a_flat_frame_is_the_exact_crop() -> None:
    frame = bright_frame(300, 200)
    location = square(20, 10, 130)
    quick = frame.quick_crop(location, 48)
    exact = frame.crop(location, 48)
    np.testing.assert_array_equal(quick, exact)


def half_red_frame() -> DecodedFrame:
    """The left half of 60 columns is grey, the right half is red and brighter."""
    luma = flat_plane(120, 80, 60)
    luma[:, 60:] = 120
    blue = flat_plane(60, 40, 128)
    red = flat_plane(60, 40, 128)
    red[:, 30:] = 220
    return DecodedFrame(0, (luma, blue, red), Colour())


def test_halved_chroma_is_at_the_location_of_its_luma() -> None:
    """The crop's colour changes where its luma does: in its middle."""
    crop = half_red_frame().crop(square(40, 20, 40), 80)
    colourfulness = np.ptp(crop, axis=2)
    # Chroma of half the size is soft: 4 columns to each side are left out.
    assert colourfulness[:, :36].max() <= 3
    assert colourfulness[:, 44:].min() > 100


# Small copies


def test_a_small_copy_says_how_many_pixels_one_of_it_is() -> None:
    image, scale = bright_frame(640, 480).small(320)
    assert image.shape == (240, 320, 3)
    assert scale == 2


def test_a_small_copy_is_never_larger_than_the_frame() -> None:
    image, scale = bright_frame(64, 48).small(320)
    assert image.shape == (48, 64, 3)
    assert scale == 1


def test_a_narrow_copy_is_padded_with_black() -> None:
    image, _ = bright_frame(640, 32).small(320, least=40)
    assert image.shape == (40, 320, 3)
    picture, padding = image[:16], image[16:]
    assert picture.min() > 200
    assert padding.max() == 0


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (640, 480),
        (1920, 1080),
        (30, 500),
        (2, 2),
    ],
)
def test_a_thumbnail_has_about_48_points_on_its_long_side(
    width: int,
    height: int,
) -> None:
    thumbnail = bright_frame(width, height).thumbnail()
    points = max(thumbnail.shape)
    # A frame that is smaller keeps its size.
    assert points >= min(48, max(width, height))
    assert points <= 96
