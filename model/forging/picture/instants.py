"""The frames of other instants, also where there are none."""

import cv2
import numpy as np

from avdf.cache.core.arrays import UInt8Array

_MOVE = 0.015  # of its longer side: as far as a face moves between two frames


def nearby(
    frames: UInt8Array, index: int, shift: int, generator: np.random.Generator
) -> UInt8Array:
    """The frame `shift` frames after frame `index`; where that is outside, as far before it.

    Of a single frame, no other instant is known: a copy that has moved a little stands for it.

    Args:
        frames: (n, h, w, 3)
        shift: negative: before.

    Returns:
        (h, w, 3)
    """
    count = len(frames)
    if count == 1:
        return _moved(frames[0], generator)
    # Of a short clip, no frame may be so far away on either side.
    far = min(abs(shift), count // 2)
    shift = far if shift > 0 else -far
    wanted = index + shift
    chosen = wanted if 0 <= wanted < count else index - shift
    frame: UInt8Array = frames[chosen]
    return frame


def _moved(frame: UInt8Array, generator: np.random.Generator) -> UInt8Array:
    height, width = frame.shape[:2]
    angle = generator.uniform(0, 2 * np.pi)
    distance = _MOVE * max(height, width)
    x = distance * np.cos(angle)
    y = distance * np.sin(angle)
    matrix = np.array([[1, 0, x], [0, 1, y]])
    moved = cv2.warpAffine(
        frame,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.uint8)
