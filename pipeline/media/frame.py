"""One decoded frame, kept in the planes of the decoder: only what is looked at becomes RGB."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.shards.codec import Image
from avdf.pipeline.media.colour import Colour, rgb_matrix
from avdf.pipeline.media.resample import Plane, exact_square, quick_square, shrunk


@dataclass(frozen=True, eq=False)
class DecodedFrame:
    """A frame at 25 fps.

    row     its row on the common time line
    planes  Y in full size; Cb and Cr in full or half size
    """

    row: int
    planes: tuple[Plane, Plane, Plane]
    colour: Colour

    @property
    def width(self) -> int:
        return int(self.planes[0].shape[1])

    @property
    def height(self) -> int:
        return int(self.planes[0].shape[0])

    def thumbnail(self, side: int = 48) -> Plane:
        """Luma sampled on a coarse grid of about `side` points: shows whether the frame changes."""
        step = max(1, max(self.width, self.height) // side)
        points = slice(step // 2, None, step)
        return self.planes[0][points, points]

    def small(
        self,
        long_side: int,
        least: int = 1,
    ) -> tuple[Image, float]:
        """The whole frame as RGB with a long side of at most `long_side` pixels.

        Also how many pixels of the frame, in one direction, one pixel of it stands for. A side of
        less than `least` pixels is made that long with black at the right or at the bottom.
        """
        scale = max(1.0, max(self.width, self.height) / long_side)
        width = max(1, round(self.width / scale))
        height = max(1, round(self.height / scale))
        planes = [shrunk(plane, (width, height)) for plane in self.planes]
        image = self._rgb(planes)
        if min(width, height) < least:
            below = (0, max(0, least - height))
            right = (0, max(0, least - width))
            image = np.pad(image, (below, right, (0, 0)))
        return image, scale

    def crop(
        self,
        box: npt.NDArray[np.float32],
        size: int,
    ) -> Image:
        """(size, size, 3) RGB of the square `box` x1 y1 x2 y2; black where it leaves the frame."""
        return self._square(box, size, exact_square)

    def quick_crop(
        self,
        box: npt.NDArray[np.float32],
        size: int,
    ) -> Image:
        """The same in less time and with less care for fine detail: to find faces, not to judge."""
        return self._square(box, size, quick_square)

    def _square(
        self,
        box: npt.NDArray[np.float32],
        size: int,
        cut: Callable[..., Plane],
    ) -> Image:
        planes = []
        for plane, black in zip(self.planes, self.colour.black, strict=True):
            # Chroma planes may have half the size: their squares are smaller in pixels.
            shrink = plane.shape[1] / self.width
            x = float(box[0] * shrink)
            y = float(box[1] * shrink)
            width = box[2] - box[0]
            side = float(width * shrink)
            is_whole = shrink == 1
            is_large = side > size / 2
            if is_whole or is_large or size % 2:
                planes.append(cut(plane, x, y, side, size, black))
                continue
            # A small square of halved chroma holds no more than size / 2 pixels of detail. Cutting
            # it at that size and doubling it afterwards takes half the time.
            half = cut(plane, x, y, side, size // 2, black)
            doubled = cv2.resize(
                half,
                (size, size),
                interpolation=cv2.INTER_LINEAR,
            )
            planes.append(np.asarray(doubled, np.uint8))
        return self._rgb(planes)

    def _rgb(self, planes: list[Plane]) -> Image:
        whole = cv2.merge(planes)
        image = cv2.transform(whole, rgb_matrix(self.colour))
        return np.asarray(image, dtype=np.uint8)
