"""One decoded picture, kept as the planes that the decoder gave: only what is looked at becomes RGB."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.shards.codec import Image
from avdf.pipeline.media.resample import Plane, exact_square, quick_square, shrunk

__all__ = ["Colour", "Picture", "Plane", "rgb_matrix"]

_KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


@dataclass(frozen=True)
class Colour:
    """How YCbCr becomes RGB: the matrix's name and whether luma uses 0-255 instead of 16-235."""

    matrix: str = "bt601"
    full_range: bool = False


@cache
def rgb_matrix(colour: Colour) -> npt.NDArray[np.float32]:
    """(3, 4) matrix from [Y, Cb, Cr, 1] to R, G, B, all 0-255. Source: ITU-R BT.601, BT.709, BT.2020."""
    kr, kb = _KR_KB[colour.matrix]
    kg = 1 - kr - kb
    luma, chroma, black = (1.0, 1.0, 0.0) if colour.full_range else (255 / 219, 255 / 224, 16.0)
    red, blue = 2 * (1 - kr) * chroma, 2 * (1 - kb) * chroma
    rows = [
        [luma, 0.0, red],
        [luma, -blue * kb / kg, -red * kr / kg],
        [luma, blue, 0.0],
    ]
    return np.array(
        [[*row, -row[0] * black - (row[1] + row[2]) * 128.0] for row in rows], np.float32
    )


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture at 25 fps: its row on the common time line and its planes (Y full size, Cb and Cr maybe halved)."""

    index: int
    planes: tuple[Plane, Plane, Plane]
    colour: Colour

    @property
    def width(self) -> int:
        return int(self.planes[0].shape[1])

    @property
    def height(self) -> int:
        return int(self.planes[0].shape[0])

    def thumbnail(self, side: int = 48) -> Plane:
        """Luma sampled on a coarse grid, for seeing whether the picture changes."""
        step = max(1, max(self.width, self.height) // side)
        return self.planes[0][step // 2 :: step, step // 2 :: step]

    def small(self, long_side: int, least: int = 1) -> tuple[Image, float]:
        """The whole picture as RGB with at most that long side, and source pixels per pixel of it.

        A side of less than `least` pixels is made that long, with black at the right or below.
        """
        scale = max(1.0, max(self.width, self.height) / long_side)
        size = (max(1, round(self.width / scale)), max(1, round(self.height / scale)))
        image = self._rgb([shrunk(plane, size) for plane in self.planes])
        if min(size) < least:
            below, right = (max(0, least - length) for length in image.shape[:2])
            image = np.pad(image, ((0, below), (0, right), (0, 0)))
        return image, scale

    def crop(self, box: npt.NDArray[np.float32], size: int) -> Image:
        """(size, size, 3) RGB of the square box x1 y1 x2 y2; black where it reaches beyond the picture."""
        return self._square(box, size, exact_square)

    def glance(self, box: npt.NDArray[np.float32], size: int) -> Image:
        """The same in less time, with less care for detail finer than a pixel: for finding, not for judging."""
        return self._square(box, size, quick_square)

    def _square(self, box: npt.NDArray[np.float32], size: int, cut: Callable[..., Plane]) -> Image:
        planes = []
        for plane, black in zip(
            self.planes, (0 if self.colour.full_range else 16, 128, 128), strict=True
        ):
            shrink = plane.shape[1] / self.width
            x, y, side = (float(value * shrink) for value in (box[0], box[1], box[2] - box[0]))
            if shrink == 1 or side > size / 2 or size % 2:
                planes.append(cut(plane, x, y, side, size, black))
            else:  # chroma holds no more than half the resolution: place it there, then double it, in half the time
                half = cut(plane, x, y, side, size // 2, black)
                planes.append(
                    np.asarray(
                        cv2.resize(half, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8
                    )
                )
        return self._rgb(planes)

    def _rgb(self, planes: list[Plane]) -> Image:
        return np.asarray(cv2.transform(cv2.merge(planes), rgb_matrix(self.colour)), dtype=np.uint8)
