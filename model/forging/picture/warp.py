"""Smooth displacements of the pixels of a rectangle."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

_NO_MAP: npt.NDArray[np.float32] = np.empty(0, np.float32)

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


def taken_from(image: npt.NDArray[Any], places: Displacement) -> npt.NDArray[Any]:
    """What an image shows at some coordinates; beyond its border, what it shows there.

    Cubic interpolation, for two reasons: what linear interpolation has softened gives itself away,
    and beyond the border that of `remap` in OpenCV 5.0.0 reads memory that is not the image's.

    Args:
        image: (H, W) or (H, W, channels).
        places: (h, w, 2), x and y in pixels.

    Returns:
        (h, w) or (h, w, channels), of the type of the image. Next to steep edges, float values may
        lie beyond those of the image.
    """
    # The second map of OpenCV stays empty, as the first holds both coordinates.
    taken = cv2.remap(
        image, places, _NO_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(taken, image.dtype)
