"""A mask: how much of a forged picture is seen at each pixel of a crop."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array

Weights = npt.NDArray[np.float32]


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

    def paste(self, forged: UInt8Array, onto: UInt8Array, share: float = 1.0) -> None:
        """Blend a forged rectangle (h, w, 3) into a crop (S, S, 3), in place.

        Args:
            share: of the weights, 0 to 1.
        """
        below = self.region(onto)
        weights = self.weights * np.float32(share)
        below[...] = cv2.blendLinear(
            np.ascontiguousarray(forged),
            np.ascontiguousarray(below),
            weights,
            1 - weights,
        )
