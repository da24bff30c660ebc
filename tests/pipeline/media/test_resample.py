"""Crops at every scale: each pixel is the mean over its own area, and nothing leaps from one scale to the next."""

from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import exact_square, quick_square
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings
from tests.helpers.media import ffmpeg

PLANE = np.random.default_rng(3).integers(0, 256, (700, 820)).astype(np.uint8)


def plain(plane: np.ndarray, x: float, y: float, side: float, size: int, border: int) -> np.ndarray:
    """The mean over each pixel's area, one by one."""
    step, found = side / size, np.zeros((size, size))

    def shares(start: float, length: int) -> np.ndarray:
        cells = np.arange(length)
        overlap = np.minimum(cells + 1, start + step) - np.maximum(cells, start)
        return np.asarray(np.clip(overlap, 0, None) / step)

    for row in range(size):
        down = shares(y + row * step, plane.shape[0])
        for column in range(size):
            across = shares(x + column * step, plane.shape[1])
            found[row, column] = down @ plane @ across + border * (1 - down.sum() * across.sum())
    return found


@pytest.mark.parametrize(
    ("x", "y", "side"), [(10.3, 7.9, 33.0), (40, 40, 62.7), (-9.4, 600.5, 128.0), (700.2, -20, 140)]
)
def test_each_pixel_is_the_mean_of_its_area(x: float, y: float, side: float) -> None:
    np.testing.assert_allclose(
        exact_square(PLANE, x, y, side, 32, 16), plain(PLANE, x, y, side, 32, 16), atol=0.51
    )


def test_outside_is_the_border() -> None:
    assert (exact_square(PLANE, 2000, 10, 300, 32, 16) == 16).all()
    assert (exact_square(PLANE, -900, -900, 300, 32, 16) == 16).all()


def pattern(period: float) -> np.ndarray:
    """Stripes of 100 grey levels to each side."""
    stripes = 128 + 100 * np.sin(2 * np.pi * np.arange(900) / period)
    return np.tile(stripes, (900, 1)).astype(np.uint8)


@pytest.mark.parametrize("side", [225, 280, 336, 400, 447, 449, 600, 895])
def test_what_is_finer_than_a_pixel_does_not_come_back_as_stripes(side: int) -> None:
    """A pattern well beyond what 224 pixels can hold, as the mean over areas leaves it."""
    fine = pattern(2.1 if side < 450 else side / 224 * 1.2)
    left = float(exact_square(fine, 1.4, 1.4, side, 224, 16).astype(float).std())
    step = side / 224
    period = 2.1 if side < 450 else step * 1.2
    mean_leaves = abs(np.sinc(step / period)) * 100 / np.sqrt(2)
    assert left < mean_leaves + 4
    if 300 < side < 448:
        assert left < 0.75 * float(quick_square(fine, 1.4, 1.4, side, 224, 16).astype(float).std())


@pytest.mark.parametrize("side", [224.0, 448.0, 672.0, 896.0])
def test_nothing_leaps_between_scales(side: float) -> None:
    """Noise, where a square grows by a hundredth of a pixel. Averaging by whole blocks alone would leap by 20."""
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000)).astype(np.uint8)
    below, above = (
        exact_square(noise, 3.3, 5.7, side + more, 224, 16).astype(int) for more in (-0.005, 0.005)
    )
    assert np.abs(below - above).mean() < 1


def test_a_small_square_is_interpolated_as_before() -> None:
    for side in (80.0, 150.5, 224.0):
        found, quick = (
            cut(PLANE, 5.5, 8.25, side, 224, 16) for cut in (exact_square, quick_square)
        )
        np.testing.assert_array_equal(found, quick)


@pytest.mark.parametrize(
    ("width", "height"), [(1920, 192), (34, 288), (32, 24), (2, 2), (16, 2000)]
)
def test_narrow_pictures_are_searched(width: int, height: int, detector: FaceDetector) -> None:
    chroma = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    picture = DecodedFrame(0, (np.full((height, width), 90, np.uint8), chroma, chroma), Colour())
    for smallest in (1 / 8, 1 / 32):
        assert detector.search([picture], smallest) == [[]]


@pytest.mark.parametrize("size", ["1920x192", "34x288", "32x24"])
def test_narrow_videos_have_no_face_rather_than_a_bug(
    size: str, detector: FaceDetector, tmp_path: Path
) -> None:
    path = tmp_path / "narrow.mkv"
    ffmpeg("-f", "lavfi", "-i", f"color=c=gray:s={size}:r=25:d=0.8", "-f", "lavfi", "-i", "sine=d=0.8",
           "-c:v", "mpeg4", "-c:a", "aac", str(path))  # fmt: skip
    found = attempt_video(VideoInfo(id="x", path=str(path)), PrepSettings(), detector)
    assert getattr(found, "status", "") == "no_face"
