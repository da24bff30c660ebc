"""Waveforms: sound as floating-point numbers, and its way from and to 16-bit samples."""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm

Waveform = npt.NDArray[np.float64]
"""(samples,) mono; full scale is 1."""

_FULL_SCALE = 32768.0  # of int16 samples


def to_waveform(pcm: Pcm) -> Waveform:
    """The samples in [-1, 1)."""
    return pcm.astype(np.float64) / _FULL_SCALE


def to_pcm(waveform: Waveform) -> Pcm:
    """The samples rounded to 16 bits. What is beyond full scale is clipped."""
    rounded = np.round(waveform * _FULL_SCALE)
    return np.clip(rounded, -32768, 32767).astype(np.int16)


def loudness(waveform: Waveform) -> float:
    """The root mean square of the samples; 0 of silence."""
    return float(np.sqrt(np.mean(np.square(waveform))))


def as_loud_as(waveform: Waveform, reference: Waveform) -> Waveform:
    """The waveform with the loudness of the reference. Silence stays silence."""
    own = loudness(waveform)
    if own == 0.0:
        return waveform.copy()
    return waveform * (loudness(reference) / own)
