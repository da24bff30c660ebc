"""The sound of each frame as numbers that mouths can be compared with."""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE, SAMPLES_PER_FRAME

_BANDS = 16
_LOWEST, _HIGHEST = 100.0, 7500.0  # Hz
_RANGE = (
    60.0  # dB below the loudest frame of a band; what is softer counts as this soft
)
_LEAST_POWER = 1e-3  # keeps digital silence from having no logarithm


def sound_features(pcm: Pcm) -> npt.NDArray[np.float64]:
    """(n, 18) features of n frames: level of 16 bands in dB, its mean rise, its mean change.

    Each frame's features are of the 80 ms around it. Bands have equal width on the mel scale.

    Args:
        pcm: (640 n,) int16, 16 kHz.
    """
    rows = len(pcm) // SAMPLES_PER_FRAME
    if not rows:
        return np.empty((0, _BANDS + 2))
    samples = pcm[: rows * SAMPLES_PER_FRAME].astype(np.float64) / 32768
    half = SAMPLES_PER_FRAME // 2
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(samples, half), 2 * SAMPLES_PER_FRAME
    )[::SAMPLES_PER_FRAME]
    weighted = around * np.hanning(2 * SAMPLES_PER_FRAME)
    power = np.abs(np.fft.rfft(weighted, axis=1)) ** 2
    frequency = np.fft.rfftfreq(2 * SAMPLES_PER_FRAME, 1 / SAMPLE_RATE)
    # The band of each frequency; those outside all bands have no number from 0 to 15.
    band = np.searchsorted(_edges(), frequency, side="right") - 1
    sums = [power[:, band == number].sum(axis=1) for number in range(_BANDS)]
    level = 10 * np.log10(np.stack(sums, axis=1) + _LEAST_POWER)
    level = np.maximum(level, level.max(axis=0) - _RANGE)

    change = np.diff(level, axis=0, prepend=level[:1])
    rise = np.maximum(change, 0).mean(axis=1)
    size = np.abs(change).mean(axis=1)
    return np.column_stack([level, rise, size])


def _edges() -> npt.NDArray[np.float64]:
    """(17,) Hz: where the bands begin and end."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOWEST, _HIGHEST))
    mels = np.linspace(low, high, _BANDS + 1)
    return np.asarray(700 * (10 ** (mels / 2595) - 1))
