"""A mouth that is too smooth in time, as that of generators which average over frames.

A plain mean over frames also takes away noise and fine detail. A detector would learn nothing but
that, and a single frame would give the forgery away. So only what is coarse is averaged: the fine
detail of each frame stays its own.

Source: the over-smoothing that is trained with beside facial feature drift (arXiv 2408.17065): a
share of the mean of three frames, once. In 84 windows of 21 recordings (GRID), that changed half of
the mouths by less than 0.6 levels on average, where JPEG of quality 95 changes 1.0. So here it is
done up to three times in a row.
"""

from functools import reduce

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.clock import FRAME_SIZE
from avdf.model.forging.picture.ellipse import Ellipse
from avdf.model.forging.picture.instants import nearby

Weights = npt.NDArray[np.float64]

MOUTH = Ellipse(x=0.5, y=0.72, half_width=0.23, half_height=0.17)
_FEATHER = 31  # pixels of a crop of 224
_LEAST, _MOST = 0.55, 0.8  # share of the mean of three frames
_MOST_TIMES = 3
# Pixels of a crop of 224: what a Gaussian of this width takes away is detail.
_DETAIL = 1.5


def smoothing(frames: UInt8Array, generator: np.random.Generator) -> UInt8Array:
    """Frames (n, S, S, 3) whose mouth is a weighted mean over itself and the frames around it."""
    side = frames.shape[1]
    mask = MOUTH.mask(side, _FEATHER)
    mouths = mask.region(frames)
    share = generator.uniform(_LEAST, _MOST)
    times = int(generator.integers(1, _MOST_TIMES, endpoint=True))
    weights = time_weights(share, times)
    sigma = _DETAIL * side / FRAME_SIZE

    forged = frames.copy()
    for index, mouth in enumerate(mouths):
        own = mouth.astype(np.float32)
        mean = np.zeros_like(own)
        for shift, weight in zip(range(-times, times + 1), weights, strict=True):
            other = nearby(mouths, index, shift, generator) if shift else own
            mean += np.float32(weight) * other
        # Only the coarse part of the change is made.
        coarse = cv2.GaussianBlur(mean - own, (0, 0), sigma)
        mask.paste(_rounded(own + coarse), forged[index])
    return forged


def time_weights(share: float, times: int) -> Weights:
    """The weights (2 times + 1,) of the frames around one, the earliest first; their sum is 1.

    Once, a frame is blended with `share` of the mean of itself and its two neighbours. Several
    times in a row, the weights are those of the convolution.
    """
    once = np.array([share / 3, 1 - 2 * share / 3, share / 3])
    return np.asarray(reduce(np.convolve, [once] * times), np.float64)


def _rounded(picture: npt.NDArray[np.float32]) -> UInt8Array:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)
