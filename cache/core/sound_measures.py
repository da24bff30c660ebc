"""How loud a sound is, how quiet its pauses are, and up to which frequency it reaches."""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE, SAMPLES_PER_FRAME

Array = npt.NDArray[np.float64]

_LEAST = 1.0  # the level of the quietest sound that 16 bits can hold, about -90 dB
_FULL = 32768.0
_QUIET = 5  # per cent of the frames
_WINDOW = 1024  # samples of one spectrum: 64 ms
_ENERGY = 0.99  # of which the frequencies up to the bandwidth have
_BLOCK = 512  # spectra that are computed at a time, to bound memory


def loudness(pcm: Pcm) -> float:
    """The level of a sound (n,) in dB: 20 log10 of its root mean square; at least about -90.

    Args:
        pcm: at least one sample.
    """
    return _decibels(np.sqrt(_squares(pcm).mean()))


def noise_floor(pcm: Pcm) -> float:
    """The level in dB that the quietest 5 % of the frames of 40 ms stay below.

    Args:
        pcm: (640 n,) with n at least 1.
    """
    frames = _squares(pcm).reshape(-1, SAMPLES_PER_FRAME).mean(axis=1)
    return _decibels(np.sqrt(np.percentile(frames, _QUIET)))


def bandwidth(pcm: Pcm) -> float:
    """Hz below which 99 % of the energy of the differences of successive samples lies.

    Speech has most of its energy in low frequencies. Differences (pre-emphasis) raise the high
    ones, so that it shows where a telephone or a codec has cut them off.

    Args:
        pcm: at least 1,024 samples, not all the same.
    """
    power = np.zeros(_WINDOW // 2 + 1)
    count = (len(pcm) - 1) // _WINDOW
    window = np.hanning(_WINDOW)
    for first in range(0, count, _BLOCK):
        stop = min(first + _BLOCK, count)
        part = pcm[first * _WINDOW : stop * _WINDOW + 1].astype(np.float64)
        blocks = np.diff(part).reshape(-1, _WINDOW)
        power += (np.abs(np.fft.rfft(blocks * window, axis=1)) ** 2).sum(axis=0)
    reached = int(np.searchsorted(np.cumsum(power), _ENERGY * power.sum()))
    return reached * SAMPLE_RATE / _WINDOW


def _squares(pcm: Pcm) -> Array:
    return np.square(pcm.astype(np.float64))


def _decibels(level: float) -> float:
    return float(20 * np.log10(max(level, _LEAST) / _FULL))
