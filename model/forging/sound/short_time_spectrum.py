"""The short-time Fourier transform and its inverse, in single precision."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.fft

Samples = npt.NDArray[np.float32]
"""(samples,)"""
Spectrum = npt.NDArray[np.complex64]
"""(frames, window / 2 + 1)"""


@dataclass(frozen=True)
class ShortTimeSpectrum:
    """A Hann window of `window` samples that moves by `hop` samples.

    Each sample lies in window / hop frames, those at the ends too: before the transform, silence is
    added at both ends.

    Raises:
        ValueError: `window` is not a multiple of `hop`, or overlaps less than twice.
    """

    window: int
    hop: int

    def __post_init__(self) -> None:
        if self.hop < 1 or self.window % self.hop or self.window < 2 * self.hop:
            raise ValueError(
                f"a window of {self.window} samples and a hop of {self.hop}: "
                "the window must be a multiple of the hop, at least twice it"
            )

    @cached_property
    def _taper(self) -> Samples:
        angle = 2 * np.pi * np.arange(self.window) / self.window
        return ((1 - np.cos(angle)) / 2).astype(np.float32)

    @cached_property
    def _overlap(self) -> Samples:
        """(hop,) the sum of the squared windows over each sample of a hop."""
        squares = np.square(self._taper).reshape(-1, self.hop)
        return np.asarray(squares.sum(axis=0), np.float32)

    def analyse(self, samples: Samples) -> Spectrum:
        """(n,) -> (ceil(n / hop) + window / hop - 1, window / 2 + 1)."""
        before = self.window - self.hop
        whole_hops = -(-len(samples) // self.hop) * self.hop
        after = before + whole_hops - len(samples)
        padded = np.pad(samples, (before, after))
        every = np.lib.stride_tricks.sliding_window_view(padded, self.window)
        spectrum = scipy.fft.rfft(every[:: self.hop] * self._taper, axis=1)
        return np.asarray(spectrum, np.complex64)

    def synthesise(self, spectrum: Spectrum, length: int) -> Samples:
        """The waveform (length,) whose spectrum is nearest in the sense of least squares.

        Source: Griffin and Lim 1984, Eq. 6.
        """
        frames = scipy.fft.irfft(spectrum, n=self.window, axis=1) * self._taper
        added = overlap_add(frames, self.hop)
        normalised = added.reshape(-1, self.hop) / self._overlap
        before = self.window - self.hop
        return normalised.ravel()[before : before + length]


def overlap_add(frames: npt.NDArray[np.floating], hop: int) -> Samples:
    """The sum of frames (n, k), each `hop` samples after the one before: ((n + k / hop - 1) hop,).

    k is a multiple of the hop.
    """
    count, width = frames.shape
    parts = width // hop
    total = np.zeros((count + parts - 1, hop), np.float32)
    # The same part of all frames is added at once.
    for part in range(parts):
        total[part : part + count] += frames[:, part * hop : (part + 1) * hop]
    return total.ravel()
