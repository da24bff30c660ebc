"""Cutting a square out of a plane: exactly, averaged over each output pixel's own area; or quickly."""

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Plane = npt.NDArray[np.uint8]  # (h, w)


def exact_square(plane: Plane, x: float, y: float, side: float, size: int, border: int) -> Plane:
    """(size, size): each pixel is the mean of the plane over its own area, `border` where that lies outside.

    Where the square is smaller than the output, pixels are interpolated linearly. That is what a mean over areas one
    source pixel wide gives as well: nothing leaps where a face grows past the crop's size.
    """
    if side <= size:
        return quick_square(plane, x, y, side, size, border)
    left, top = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
    right, bottom = max(0, int(np.ceil(x + side))), max(0, int(np.ceil(y + side)))
    region = plane[top:bottom, left:right]
    if not region.size:
        return np.full((size, size), border, np.uint8)
    step = side / size
    down = _areas(y - top, step, size, region.shape[0])
    across = _areas(x - left, step, size, region.shape[1])
    level = region.astype(np.float32) - np.float32(border)  # so that what lies outside counts as 0
    found = (across @ np.ascontiguousarray((down @ level).T)).T + np.float32(border)
    return np.asarray(np.clip(np.rint(found), 0, 255), np.uint8)


def _areas(start: float, step: float, size: int, length: int) -> csr_array:
    """(size, length): what share of each of `size` intervals, the first from `start` on, each of `length` cells is."""
    edges = start + step * np.arange(size + 1)
    first = np.floor(edges[:-1]).astype(np.int32)
    cells = first[:, None] + np.arange(int(np.ceil(step)) + 1, dtype=np.int32)
    shares = np.minimum(cells + 1, edges[1:, None]) - np.maximum(cells, edges[:-1, None])
    shares[(cells < 0) | (cells >= length) | (shares < 0)] = 0.0
    places = np.clip(cells, 0, length - 1)
    rows = np.arange(size + 1, dtype=np.int32) * cells.shape[1]
    return csr_array(
        ((shares / step).astype(np.float32).ravel(), places.ravel(), rows), shape=(size, length)
    )


def quick_square(plane: Plane, x: float, y: float, side: float, size: int, border: int) -> Plane:
    """The same for looking at: averaged down by a whole factor, then interpolated."""
    step = side / size  # source pixels per output pixel
    factor = max(1, int(step))
    left, top = max(0, int(x) - factor), max(0, int(y) - factor)
    right, bottom = int(x + side) + 2 * factor, int(y + side) + 2 * factor
    region = plane[top : max(top, bottom), left : max(left, right)]
    if factor > 1:
        height, width = region.shape[0] // factor, region.shape[1] // factor
        region = region[: height * factor, : width * factor]
        if region.size:
            region = shrunk(region, (width, height))
    if not region.size:
        return np.full((size, size), border, np.uint8)
    scale = step / factor
    shift_x, shift_y = (
        ((start - corner) / factor + scale / 2 - 0.5) for start, corner in ((x, left), (y, top))
    )
    placed = cv2.warpAffine(
        region,
        np.array([[scale, 0, shift_x], [0, scale, shift_y]]),
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=border,
    )
    return np.asarray(placed, dtype=np.uint8)


def shrunk(plane: Plane, size: tuple[int, int]) -> Plane:
    """Averaged down to (width, height)."""
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
