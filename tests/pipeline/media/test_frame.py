"""A decoded frame: crops at exact locations, small copies, thumbnails."""

import numpy as np
import numpy.typing as npt
import pytest

from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane


def box(*corners: float) -> npt.NDArray[np.float32]:
    return np.array(corners, np.float32)


def grey_frame(luma: Plane, chroma_shape: tuple[int, int]) -> DecodedFrame:
    """A frame without colour."""
    chroma = np.full(chroma_shape, 128, np.uint8)
    return DecodedFrame(0, (luma, chroma, chroma), Colour())


def flat_frame(width: int, height: int, level: int = 200) -> DecodedFrame:
    luma = np.full((height, width), level, np.uint8)
    return grey_frame(luma, ((height + 1) // 2, (width + 1) // 2))


@pytest.mark.parametrize(
    ("x", "side"),
    [
        (40.3, 112.0),
        (20.75, 150.0),
        (60.0, 56.0),
    ],
)
def test_a_crop_of_a_ramp_is_the_ramp_at_its_location(x: float, side: float) -> None:
    across = np.tile(np.linspace(16, 235, 220), (180, 1))
    frame = grey_frame(across.round().astype(np.uint8), (90, 110))
    crop = frame.crop(box(x, 10, x + side, 10 + side), 56)
    centres = x + (np.arange(56) + 0.5) * side / 56 - 0.5
    wanted = centres * 255 / 219
    np.testing.assert_allclose(crop[28, 4:-4, 0], wanted[4:-4], atol=2.5)


def test_beyond_the_frame_a_crop_is_black() -> None:
    crop = flat_frame(60, 60).crop(box(-30, -30, 30, 30), 60)
    assert crop[:28, :28].max() == 0
    assert crop[32:, 32:].min() > 200


def test_a_crop_outside_of_the_frame_is_black() -> None:
    assert flat_frame(60, 60).crop(box(500, 500, 600, 600), 60).max() == 0


def test_a_quick_crop_of_a_flat_frame_is_the_exact_crop() -> None:
    frame, square = flat_frame(300, 200), box(20, 10, 150, 140)
    np.testing.assert_array_equal(frame.quick_crop(square, 48), frame.crop(square, 48))


def test_halved_chroma_is_at_the_location_of_its_luma() -> None:
    """The right half of the frame is red: the crop's colour changes where its luma does."""
    luma = np.full((80, 120), 60, np.uint8)
    luma[:, 60:] = 120
    blue = np.full((40, 60), 128, np.uint8)
    red = blue.copy()
    red[:, 30:] = 220
    crop = DecodedFrame(0, (luma, blue, red), Colour()).crop(box(40, 20, 80, 60), 80)
    assert np.ptp(crop[:, :36], axis=2).max() <= 3
    assert np.ptp(crop[:, 44:], axis=2).min() > 100


def test_a_small_copy_says_how_many_pixels_one_of_it_is() -> None:
    image, scale = flat_frame(640, 480).small(320)
    assert image.shape == (240, 320, 3)
    assert scale == 2


def test_a_small_copy_is_never_larger_than_the_frame() -> None:
    image, scale = flat_frame(64, 48).small(320)
    assert image.shape == (48, 64, 3)
    assert scale == 1


def test_a_narrow_copy_is_padded_with_black() -> None:
    image, _ = flat_frame(640, 32).small(320, least=40)
    assert image.shape == (40, 320, 3)
    assert image[:16].min() > 200
    assert image[16:].max() == 0


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
    thumbnail = flat_frame(width, height).thumbnail()
    assert min(48, max(width, height)) <= max(thumbnail.shape) <= 96
