"""How much one frame differs from another."""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane


def difference(first: Plane, second: Plane) -> float:
    """Mean absolute difference of two thumbnails, 0-255."""
    change = first.astype(np.int16) - second
    return float(np.abs(change).mean())


def local_difference(
    first: Plane,
    second: Plane,
    ignored: npt.NDArray[np.bool_],
    window: int,
) -> float:
    """The largest mean absolute difference within a square of `window` pixels, 0-255.

    Where `ignored` is True, the two thumbnails count as equal.
    """
    difference = first.astype(np.int16) - second
    change = np.abs(difference).astype(np.float32)
    change[ignored] = 0
    means = cv2.blur(
        change,
        (window, window),
        borderType=cv2.BORDER_REPLICATE,
    )
    return float(means.max())


def is_repeated(earlier: DecodedFrame, frame: DecodedFrame) -> bool:
    """Whether every pixel is the same. Recorded frames never are, because of noise alone."""
    first, second = earlier.planes[0], frame.planes[0]
    if first is second:
        return True
    middle = len(first) // 2
    # One line tells most frames apart, so that few are compared in full.
    return np.array_equal(first[middle], second[middle]) and np.array_equal(
        first, second
    )
