"""Images made coarser or sharper."""

import cv2
import numpy as np

from avdf.cache.core.arrays import UInt8Array


def coarser(image: UInt8Array, factor: float) -> UInt8Array:
    """An image (H, W, 3) made smaller by `factor` (above 0, at most 1), then as large as before.

    Raises:
        ValueError: the factor is outside of its range.
    """
    if not 0 < factor <= 1:
        raise ValueError(f"factor {factor}, expected above 0 and at most 1")
    height, width = image.shape[:2]
    small = (max(1, round(width * factor)), max(1, round(height * factor)))
    # Below a half, linear interpolation would leave pixels out.
    how = cv2.INTER_AREA if factor <= 0.5 else cv2.INTER_LINEAR
    shrunk = cv2.resize(image, small, interpolation=how)
    restored = cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(restored, np.uint8)


def sharper(image: UInt8Array, amount: float) -> UInt8Array:
    """An image (H, W, 3) with `amount` of its difference from its 3 x 3 mean added to it."""
    mean = cv2.blur(image, (3, 3))
    added = cv2.addWeighted(image, 1 + amount, mean, -amount, 0)
    return np.asarray(added, np.uint8)
