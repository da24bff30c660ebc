"""The pitch of speech over time, from its autocorrelation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.model.forging.sound.linear_prediction import autocorrelation
from avdf.model.waveform import Waveform

_LOWEST = 60.0  # Hz
_HIGHEST = 400.0  # Hz
_WINDOW = 0.04  # s: two periods of nearly the lowest pitch
_VOICED = 0.45  # least height of the peak; 1 is a periodic signal
_QUIET = 0.03  # frames below this share of the largest amplitude are unvoiced
_LEAST_ENERGY = 1e-12


@dataclass(frozen=True, eq=False)
class PitchTrack:
    """The pitch in frames that are `hop` samples apart.

    hertz  (frames,) 0 where the frame is unvoiced
    """

    hertz: npt.NDArray[np.float64]
    hop: int


def track_pitch(samples: Waveform, rate: int, hop: int) -> PitchTrack:
    """The pitch of each frame; frame i is centred at sample i hop + hop / 2.

    Source: Boersma 1993, "Accurate short-term analysis of the fundamental frequency": the
    autocorrelation of the windowed frame, divided by that of the window. Without his search for the
    best path through all frames.
    """
    width = round(_WINDOW * rate)
    frames = centred_frames(samples, width, hop)
    frames = frames - frames.mean(axis=1, keepdims=True)
    window = np.hanning(width)
    first, last = round(rate / _HIGHEST), round(rate / _LOWEST)
    correlation = autocorrelation(frames * window, last + 1)
    of_window = autocorrelation(window[None], last + 1)[0]
    energy = np.maximum(correlation[:, :1], _LEAST_ENERGY)
    # Dividing by the window's own correlation undoes its decline with the lag.
    periodic = (correlation / energy) / (of_window / of_window[0])

    # The slope up to lag 0 is no peak: a peak is higher than both of its neighbours.
    inside = periodic[:, first:]
    peak = inside >= periodic[:, first - 1 : -1]
    peak[:, :-1] &= inside[:, :-1] >= inside[:, 1:]
    lags = np.arange(first, last + 1)
    # Of a peak and its multiples, the shortest lag is the period: longer lags count a little less.
    heights = inside - 0.05 * np.log2(lags / first)
    best = np.argmax(np.where(peak, heights, -np.inf), axis=1)
    rows = np.arange(len(frames))
    amplitude = np.abs(frames).max(axis=1)
    loud = amplitude > _QUIET * max(float(amplitude.max()), _LEAST_ENERGY)
    voiced = (inside[rows, best] > _VOICED) & peak[rows, best] & loud
    return PitchTrack(np.where(voiced, rate / lags[best], 0.0), hop)


def centred_frames(samples: Waveform, width: int, hop: int) -> npt.NDArray[np.float64]:
    """(ceil(n / hop), width) frames; frame i is centred at sample i hop + hop / 2."""
    count = -(-len(samples) // hop)
    before = width // 2 - hop // 2
    after = max(0, (count - 1) * hop + width - before - len(samples))
    padded = np.pad(samples, (before, after))
    every = np.lib.stride_tricks.sliding_window_view(padded, width)
    return every[::hop][:count]
