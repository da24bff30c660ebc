"""Cutting a square out of a plane: exactly (means over the area of each pixel), or quickly."""

from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Plane = npt.NDArray[np.uint8]  # (height, width)


def exact_square(
    plane: Plane,
    x: float,
    y: float,
    side: float,
    size: int,
    border: int,
) -> Plane:
    """(size, size) pixels of the square at x, y; each is the mean of the plane over its own area.

    What lies outside the plane counts as `border`. Where the square is smaller than the output,
    pixels are interpolated linearly. A mean over areas one source pixel wide gives the same, so
    nothing leaps where a face grows past the size of the crop.
    """
    if side <= size:
        return quick_square(plane, x, y, side, size, border)
    left = max(0, floor(x))
    right = max(0, ceil(x + side))
    top = max(0, floor(y))
    bottom = max(0, ceil(y + side))
    region = plane[top:bottom, left:right]
    if not region.size:
        return np.full((size, size), border, np.uint8)

    # The mean over a square area is the mean over its columns of the means over its rows: two
    # sparse matrices of shares.
    step = side / size
    down = _area_shares(y - top, step, size, region.shape[0])
    across = _area_shares(x - left, step, size, region.shape[1])
    # Relative to the border, whatever lies outside of the plane counts as 0.
    relative = region.astype(np.float32) - np.float32(border)
    columns_mixed = np.ascontiguousarray((down @ relative).T)
    mean = (across @ columns_mixed).T + np.float32(border)
    rounded = np.clip(np.rint(mean), 0, 255)
    return np.asarray(rounded, np.uint8)


# Both chroma planes ask for the same shares, one after the other.
@lru_cache(maxsize=4)
def _area_shares(
    start: float,
    step: float,
    size: int,
    length: int,
) -> "csr_array":
    """(size, length): how much each of `length` source cells adds to each of `size` output cells.

    Output cells are `step` source cells long; the first begins at `start`.
    """
    # Imported late: small faces do without.
    from scipy.sparse import csr_array

    edges = start + step * np.arange(size + 1)
    # The source cells that each output cell touches: at most ceil(step) + 1.
    first = np.floor(edges[:-1]).astype(np.int32)
    following = np.arange(ceil(step) + 1, dtype=np.int32)
    cells = first[:, None] + following
    starts = np.maximum(cells, edges[:-1, None])
    stops = np.minimum(cells + 1, edges[1:, None])
    shares = stops - starts
    is_outside = (cells < 0) | (cells >= length)
    shares[is_outside | (shares < 0)] = 0.0
    values = (shares / step).astype(np.float32).ravel()
    columns = np.clip(cells, 0, length - 1).ravel()
    cells_per_row = cells.shape[1]
    row_starts = np.arange(size + 1, dtype=np.int32) * cells_per_row
    return csr_array((values, columns, row_starts), shape=(size, length))


def quick_square(
    plane: Plane,
    x: float,
    y: float,
    side: float,
    size: int,
    border: int,
) -> Plane:
    """The same in less time: averaged down by a whole factor, then interpolated linearly."""
    step = side / size  # source pixels per output pixel
    factor = max(1, int(step))
    left = max(0, int(x) - factor)
    top = max(0, int(y) - factor)
    right = max(left, int(x + side) + 2 * factor)
    bottom = max(top, int(y + side) + 2 * factor)
    region = plane[top:bottom, left:right]
    if factor > 1:
        # What is left over at the right and at the bottom does not fill a whole cell.
        height = region.shape[0] // factor
        width = region.shape[1] // factor
        region = region[: height * factor, : width * factor]
        if region.size:
            region = shrunk(region, (width, height))
    if not region.size:
        return np.full((size, size), border, np.uint8)

    # Pixels are taken at their centres: output pixel 0 lies half a step behind the square's edge.
    scale = step / factor
    shift_x = (x - left) / factor + scale / 2 - 0.5
    shift_y = (y - top) / factor + scale / 2 - 0.5
    matrix = np.array([[scale, 0, shift_x], [0, scale, shift_y]])
    placed = cv2.warpAffine(
        region,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=border,
    )
    return np.asarray(placed, dtype=np.uint8)


def shrunk(plane: Plane, size: tuple[int, int]) -> Plane:
    """The plane averaged down to (width, height)."""
    smaller = cv2.resize(
        plane,
        size,
        interpolation=cv2.INTER_AREA,
    )
    return np.asarray(smaller, dtype=np.uint8)
