"""A mask: how much of a forged picture is seen at each pixel of a crop."""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array

Weights = npt.NDArray[np.float32]

_BITS = 7  # of the weights when pictures are blended: 255 * 128 is a number of 16 bits
_WHOLE = 1 << _BITS


@dataclass(frozen=True, eq=False)
class Mask:
    """Weights inside of a rectangle of the crop; everywhere else they are 0.

    top, left  of the rectangle, in pixels
    weights    (h, w) float32, 0 to 1

    Raises:
        ValueError: the rectangle is empty, or begins outside of the crop.
    """

    top: int
    left: int
    weights: Weights

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or not self.weights.size:
            raise ValueError(f"mask with weights of shape {self.weights.shape}")
        if min(self.top, self.left) < 0:
            raise ValueError(f"mask begins at row {self.top}, column {self.left}")

    @classmethod
    def of(cls, whole: Weights) -> "Mask":
        """The mask of a whole crop (S, S), cut to the rectangle where it is not 0.

        Raises:
            ValueError: it is 0 everywhere.
        """
        if not whole.any():
            raise ValueError("mask without any weight")
        left, top, width, height = cv2.boundingRect((whole > 0).astype(np.uint8))
        inside = whole[top : top + height, left : left + width]
        return cls(top, left, np.ascontiguousarray(inside))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the rectangle in pixels, as OpenCV takes them."""
        height, width = self.weights.shape
        return width, height

    def region(self, image: UInt8Array) -> UInt8Array:
        """The rectangle of a crop (S, S, 3) or of crops (n, S, S, 3): a view."""
        height, width = self.weights.shape
        rows = slice(self.top, self.top + height)
        columns = slice(self.left, self.left + width)
        return image[..., rows, columns, :]

    def faded(self, share: float) -> "Mask":
        """The mask with this share (0 to 1) of its weights."""
        return self if share == 1 else replace(self, weights=self.weights * share)

    def paste(self, forged: UInt8Array, onto: UInt8Array) -> None:
        """Blend a forged rectangle (h, w, 3) into a crop (S, S, 3), in place.

        Weights are rounded to 1/128, so that 16 bits are enough for the products: what is blended
        is within one level of what the weights themselves would give.
        """
        below = self.region(onto)
        change = np.subtract(forged, below, dtype=np.int16)
        change *= self._whole_weights
        change += _WHOLE // 2
        change >>= _BITS
        np.add(change, below, out=below, casting="unsafe")

    @cached_property
    def _whole_weights(self) -> npt.NDArray[np.int16]:
        """(h, w, 3) the weights of red, green and blue, in parts of 128."""
        whole = np.rint(self.weights * _WHOLE).astype(np.int16)
        return np.repeat(whole[..., None], 3, axis=-1)
