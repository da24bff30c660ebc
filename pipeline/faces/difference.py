"""How much one frame differs from another."""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane


def is_repeated(earlier: DecodedFrame, picture: DecodedFrame) -> bool:
    """Whether each pixel is the same. Recorded pictures never are, were it for noise alone."""
    first, second = earlier.planes[0], picture.planes[0]
    if first is second:
        return True
    middle = len(first) // 2  # one line tells most pictures apart
    return np.array_equal(first[middle], second[middle]) and np.array_equal(first, second)


def difference(first: Plane, second: Plane) -> float:
    """Mean absolute difference of two thumbnails, 0-255."""
    return float(np.abs(first.astype(np.int16) - second).mean())


def local_difference(
    first: Plane, second: Plane, ignored: npt.NDArray[np.bool_], window: int
) -> float:
    """The largest mean absolute difference in a window of that many pixels, where nothing is ignored."""
    change = np.abs(first.astype(np.int16) - second).astype(np.float32)
    change[ignored] = 0
    return float(cv2.blur(change, (window, window), borderType=cv2.BORDER_REPLICATE).max())
