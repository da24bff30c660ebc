"""A picture-only baseline: fine detail of a face, its border, and its flicker.

Forged faces are often smoother than their surroundings, or carry the regular traces of upsampling
in high frequencies (Durall et al. 2020; Frank et al. 2020); a blended face has another noise than
the picture around it (Li et al. 2020, Face X-ray).
"""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array
from avdf.model.peers.footage import PeerFootage
from avdf.model.peers.logistic_baseline import LogisticBaseline

Array = npt.NDArray[np.float64]
Float = npt.NDArray[np.float32]

_BANDS = 8  # of spatial frequency, equally wide on a logarithmic scale
_LOWEST = 1 / 64  # cycles per pixel; the highest is 1/2
_FRAMES = (1, 5, 9, 13)  # of the 16 that are measured, each with the one before it
_FACE = (0.34, 0.42)  # half axes of the ellipse of the face, as shares of the crop
_LEAST = 1e-6


class PictureDetail(LogisticBaseline):
    """13 measures of the frames of a window.

    8 shares of the spatial frequencies; the strength of the noise in the face, around it, and of
    both colour differences; how much of the noise changes from one frame to the next.
    """

    name = "picture detail"
    version = "1"
    takes = "picture"
    verdict = "visual"

    def measures(self, footage: PeerFootage) -> Array:
        """(13,) means over four of the frames, as logarithms."""
        frames = footage.frames
        found = [_of_frame(frames[at - 1], frames[at]) for at in _FRAMES]
        return np.asarray(np.mean(found, axis=0))


def _of_frame(before: UInt8Array, frame: UInt8Array) -> Array:
    colour = cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb)
    grey = np.asarray(colour[..., 0], np.float32)
    noise = _noise(grey)
    earlier = _noise(np.asarray(cv2.cvtColor(before, cv2.COLOR_RGB2GRAY), np.float32))
    inside = _ellipse(grey.shape[0], grey.shape[1])
    strengths = [
        noise[inside].var(),
        noise[~inside].var(),
        _noise(np.asarray(colour[..., 1], np.float32)).var(),
        _noise(np.asarray(colour[..., 2], np.float32)).var(),
        # Noise of a camera is new in each frame; that of a still texture is not.
        (noise - earlier).var() / (noise.var() + earlier.var() + _LEAST),
    ]
    return np.concatenate([_spectrum(grey), np.log(np.array(strengths) + _LEAST)])


def _noise(plane: Float) -> Float:
    """(S, S) what a median over 3 x 3 pixels removes."""
    return np.asarray(plane - cv2.medianBlur(plane, 3), np.float32)


def _ellipse(height: int, width: int) -> npt.NDArray[np.bool_]:
    rows = (np.arange(height) + 0.5) / height - 0.5
    columns = (np.arange(width) + 0.5) / width - 0.5
    across, down = _FACE
    distance = (columns[None, :] / across) ** 2 + (rows[:, None] / down) ** 2
    return np.asarray(distance <= 1)


def _spectrum(grey: Float) -> Array:
    """(8,) log of the share of the power in each band of spatial frequency."""
    height, width = grey.shape
    # A window keeps the jump from one edge to the other out of the spectrum.
    tapered = (grey - grey.mean()) * np.outer(np.hanning(height), np.hanning(width))
    power = np.abs(np.fft.rfft2(tapered)) ** 2
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    radius = np.hypot(down, across)
    edges = np.geomspace(_LOWEST, 0.5, _BANDS + 1)
    band = np.searchsorted(edges, radius, side="right") - 1
    sums = np.array([power[band == number].sum() for number in range(_BANDS)])
    return np.asarray(np.log(sums / (sums.sum() + _LEAST) + _LEAST))
