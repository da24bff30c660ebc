"""A mouth that is too smooth in time, as that of generators which average over frames.

A plain mean over frames also takes away noise and fine detail. A detector would learn nothing but
that, and a single frame would give the forgery away. So only what is coarse is averaged: the fine
detail of each frame stays its own.

Source of the share and of the three frames: the over-smoothing that is trained with beside
facial feature drift (arXiv 2408.17065); to keep the detail is our addition.
"""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.clock import FRAME_SIZE
from avdf.model.forging.picture.ellipse import Ellipse
from avdf.model.forging.picture.instants import nearby

MOUTH = Ellipse(x=0.5, y=0.72, half_width=0.23, half_height=0.17)
_FEATHER = 31  # pixels of a crop of 224
_LEAST, _MOST = 0.55, 0.8  # share of the mean of three frames
_DETAIL = (
    1.5  # pixels of a crop of 224: what a Gaussian of this width takes away is detail
)


def smoothing(frames: UInt8Array, generator: np.random.Generator) -> UInt8Array:
    """Frames (n, S, S, 3) whose mouth is blended with the mean over the frame before, itself, and
    the frame after."""
    side = frames.shape[1]
    mask = MOUTH.mask(side, _FEATHER)
    mouths = mask.region(frames)
    share = generator.uniform(_LEAST, _MOST)
    sigma = _DETAIL * side / FRAME_SIZE

    forged = frames.copy()
    for index, mouth in enumerate(mouths):
        before = nearby(mouths, index, -1, generator)
        after = nearby(mouths, index, 1, generator)
        own = mouth.astype(np.float32)
        change = (own + before + after) / 3 - own
        coarse = cv2.GaussianBlur(change, (0, 0), sigma)
        mask.paste(_rounded(own + share * coarse), forged[index])
    return forged


def _rounded(picture: npt.NDArray[np.float32]) -> UInt8Array:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)
