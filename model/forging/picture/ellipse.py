"""Ellipses with a soft edge, placed by shares of the crop."""

from dataclasses import dataclass

import cv2
import numpy as np

from avdf.cache.core.clock import FRAME_SIZE
from avdf.model.forging.picture.mask import Mask, Weights

_BITS = 4  # OpenCV takes coordinates as fixed-point numbers with so many binary places


@dataclass(frozen=True)
class Ellipse:
    """An ellipse in a crop of any size.

    x, y           centre, as shares of the crop's width and height
    half_width, half_height   likewise

    Raises:
        ValueError: it has no area.
    """

    x: float
    y: float
    half_width: float
    half_height: float

    def __post_init__(self) -> None:
        if min(self.half_width, self.half_height) <= 0:
            raise ValueError(f"ellipse without area: {self}")

    def painted(self, side: int) -> Weights:
        """(side, side) float32: 1 inside, 0 outside."""
        image = np.zeros((side, side), np.uint8)
        centre = (_fixed(self.x * side), _fixed(self.y * side))
        radii = (_fixed(self.half_width * side), _fixed(self.half_height * side))
        cv2.ellipse(image, centre, radii, 0, 0, 360, 255, -1, cv2.LINE_AA, _BITS)
        return image.astype(np.float32) / np.float32(255)

    def mask(self, side: int, feather: float) -> Mask:
        """The ellipse with an edge that fades over about `feather` pixels of a crop of 224."""
        size = odd_kernel(feather, side)
        soft = cv2.GaussianBlur(self.painted(side), (size, size), 0)
        return Mask.of(np.asarray(soft, np.float32))


def odd_kernel(pixels: float, side: int) -> int:
    """The odd size of a filter that spans `pixels` of a crop of 224, in a crop of `side` pixels."""
    return 2 * int(pixels * side / FRAME_SIZE / 2) + 1


def _fixed(value: float) -> int:
    return max(1, round(value * (1 << _BITS)))
