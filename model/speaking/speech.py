"""Whether a face speaks in a segment of a video."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


class Speech(IntEnum):
    """What is known of a face in one segment.

    ALONE    nobody is seen beside it, so that there is nothing to compare it with
    SPEAKS   its mouth moves with the sound, clearly more than the others
    UNTOLD   several faces are seen, and none of them clearly speaks
    LISTENS  another face speaks
    """

    ALONE = 0
    SPEAKS = 1
    UNTOLD = 2
    LISTENS = 3
