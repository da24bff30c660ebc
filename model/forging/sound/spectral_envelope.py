"""The envelope of a spectrum: the curve over its peaks, which the vocal tract shapes."""

import numpy as np
import numpy.typing as npt
import scipy.fft

Table = npt.NDArray[np.float32]

_ROUNDS = 6


def envelope_cepstrum(log_magnitude: Table, order: int) -> Table:
    """The cepstrum of the envelope of each spectrum.

    Source: Roebel and Rodet 2005, "Efficient spectral envelope estimation and its application to
    pitch shifting and envelope preservation" (the true envelope): a smoothed spectrum lies below
    the peaks, so it replaces what is below it and the result is smoothed again, some rounds long.

    Args:
        log_magnitude: (F, size / 2 + 1) natural logarithms.
        order: coefficients that are kept; fewer are smoother.

    Returns:
        (F, order) of a real spectrum: coefficient k stands for k and for -k.
    """
    size = 2 * (log_magnitude.shape[1] - 1)
    cepstrum = _cepstrum(log_magnitude, order)
    for _ in range(_ROUNDS):
        filled = np.maximum(log_magnitude, log_spectrum(cepstrum, size))
        cepstrum = _cepstrum(filled, order)
    return cepstrum


def log_spectrum(cepstrum: Table, size: int) -> Table:
    """(F, order) -> log magnitudes (F, size / 2 + 1)."""
    both = 2 * scipy.fft.rfft(cepstrum, size, axis=1).real - cepstrum[:, :1]
    return np.asarray(both, np.float32)


def minimum_phase(cepstrum: Table, size: int) -> npt.NDArray[np.complex64]:
    """The spectra (F, size / 2 + 1) of filters that have this envelope and answer at once.

    Source: Oppenheim and Schafer, "Discrete-time signal processing", section on minimum phase: the
    cepstrum of such a filter is zero before time 0.
    """
    causal = 2 * cepstrum
    causal[:, 0] = cepstrum[:, 0]
    return np.asarray(np.exp(scipy.fft.rfft(causal, size, axis=1)), np.complex64)


def _cepstrum(log_magnitude: Table, order: int) -> Table:
    size = 2 * (log_magnitude.shape[1] - 1)
    whole: Table = scipy.fft.irfft(log_magnitude, size, axis=1)
    return whole[:, :order]
