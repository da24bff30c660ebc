"""How sharp a face crop is, and how much fine detail it has: compression removes detail."""

from functools import cache

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array

Array = npt.NDArray[np.float64]

_BRIGHTNESS = (0.299, 0.587, 0.114)  # weights of red, green and blue (ITU-R BT.601)


def brightness(crop: UInt8Array) -> Array:
    """(S, S) brightness, 0 to 255, of an RGB crop (S, S, 3)."""
    return np.asarray(crop @ np.array(_BRIGHTNESS))


def sharpness(bright: Array) -> float:
    """The variance of the Laplacian of a brightness (S, S): large where edges are sharp."""
    middle = bright[1:-1, 1:-1]
    beside = bright[1:-1, :-2] + bright[1:-1, 2:] + bright[:-2, 1:-1] + bright[2:, 1:-1]
    return float((beside - 4 * middle).var())


def fine_detail(bright: Array) -> float:
    """The percentage of the contrast of a brightness (S, S) that lies in fine detail.

    Fine are waves of less than 4 pixels, along an axis or across: spatial frequencies from half of
    the highest one on. 0 for a crop without any contrast.
    """
    window, is_fine = _window(len(bright)), _is_fine(len(bright))
    # The window keeps the borders of the crop, which are no edges of the picture, out of it.
    power = np.abs(np.fft.fft2((bright - bright.mean()) * window)) ** 2
    # The constant part is brightness, not contrast; the window has moved a little into it.
    power[0, 0] = 0
    total = float(power.sum())
    return 100 * float(power[is_fine].sum()) / total if total else 0.0


@cache
def _window(size: int) -> Array:
    return np.outer(np.hanning(size), np.hanning(size))


@cache
def _is_fine(size: int) -> npt.NDArray[np.bool_]:
    """(S, S) which coefficients of the Fourier transform are fine detail."""
    frequency = np.abs(np.fft.fftfreq(size))
    return np.asarray(np.maximum.outer(frequency, frequency) >= 0.25)
