"""Smooth displacements of the pixels of a rectangle."""

import cv2
import numpy as np
import numpy.typing as npt

Displacement = npt.NDArray[np.float32]
"""(h, w, 2): by how many pixels each pixel is taken from further right, and from further below."""


def smooth_displacement(
    grid: npt.NDArray[np.float32], size: tuple[int, int]
) -> Displacement:
    """A displacement that is `grid` (k, k, 2) at k x k points, and smooth between them.

    Args:
        size: width and height in pixels.
    """
    smooth = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth, np.float32)


def own_places(left: int, top: int, size: tuple[int, int]) -> Displacement:
    """The coordinates x and y of the pixels of a rectangle themselves: (h, w, 2)."""
    width, height = size
    x, y = np.meshgrid(np.arange(width) + left, np.arange(height) + top)
    return np.stack([x, y], axis=-1).astype(np.float32)
