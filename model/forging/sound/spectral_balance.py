"""The balance of a sound: how its energy is spread over the bands of its spectrum."""

import numpy as np
import scipy.fft

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.model.waveform import Waveform

_LOWEST = 80.0  # Hz
_BANDS = 20  # thirds of an octave, up to 8 kHz
_LIMIT = 4.0  # of a gain: 12 dB
_LEAST_ENERGY = 1e-12


def balanced_like(samples: Waveform, reference: Waveform) -> Waveform:
    """The samples with the energy of the reference in each third of an octave.

    A vocoder is a little too bright or too dull, in its own way. That is the easiest mark to learn,
    and the first that another vocoder does not have. Gains are at most 12 dB either way, so that
    bands that a vocoder has not synthesised at all stay weak.

    Args:
        samples: (n,) at 16 kHz.
        reference: (n,)

    Returns:
        (n,)
    """
    # Twice as long: else the filter would carry the end of the sound around to its start.
    size = scipy.fft.next_fast_len(2 * len(samples), real=True)
    spectrum = scipy.fft.rfft(samples, size)
    wanted = scipy.fft.rfft(reference, size)
    hertz = np.linspace(0, SAMPLE_RATE / 2, len(spectrum))
    edges = _LOWEST * 2 ** (np.arange(1, _BANDS) / 3)
    band = np.searchsorted(edges, hertz)
    has = np.bincount(band, np.abs(spectrum) ** 2, _BANDS) + _LEAST_ENERGY
    wants = np.bincount(band, np.abs(wanted) ** 2, _BANDS) + _LEAST_ENERGY
    gain = np.clip(np.sqrt(wants / has), 1 / _LIMIT, _LIMIT)
    # From the centre of one band to that of the next, the gain goes over evenly.
    centres = np.log2(_LOWEST) + (np.arange(_BANDS) + 0.5) / 3
    smooth = np.interp(np.log2(hertz + 1.0), centres, np.log(gain))
    balanced = scipy.fft.irfft(spectrum * np.exp(smooth), size)
    return np.asarray(balanced[: len(samples)])
