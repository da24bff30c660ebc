"""Phase recovery: a waveform from the magnitudes of its short-time spectrum alone."""

import numpy as np
import numpy.typing as npt

from avdf.model.forging.sound.short_time_spectrum import (
    Samples,
    ShortTimeSpectrum,
    Spectrum,
)

_LEAST_MAGNITUDE = np.float32(1e-12)  # so that nothing is divided by zero

Magnitude = npt.NDArray[np.float32]
"""(frames, window / 2 + 1)"""


def recover_phase(
    magnitude: Magnitude,
    transform: ShortTimeSpectrum,
    iterations: int,
    length: int,
    generator: np.random.Generator,
) -> Samples:
    """A waveform (length,) with about these magnitudes, from a random phase.

    Source: Griffin and Lim 1984, "Signal estimation from modified short-time Fourier transform".
    """
    angle = generator.uniform(0, 2 * np.pi, magnitude.shape).astype(np.float32)
    spectrum: Spectrum = magnitude * np.exp(1j * angle).astype(np.complex64)
    samples = transform.synthesise(spectrum, length)
    for _ in range(iterations):
        # The spectrum of the waveform has the wrong magnitudes, but a phase that fits together:
        # only the phase is kept.
        estimate = transform.analyse(samples)
        now = np.maximum(np.abs(estimate), _LEAST_MAGNITUDE)
        samples = transform.synthesise(estimate * (magnitude / now), length)
    return samples
