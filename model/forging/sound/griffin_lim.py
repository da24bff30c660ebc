"""Speech whose phase was lost: synthesised from a mel spectrogram or from STFT magnitudes."""

from functools import cache

import numpy as np

from avdf.cache.core.log_mel import mel_filters
from avdf.model.forging.sound.phase_recovery import Magnitude, recover_phase
from avdf.model.forging.sound.short_time_spectrum import ShortTimeSpectrum
from avdf.model.waveform import Waveform

_MEL_TRANSFORM = ShortTimeSpectrum(window=1024, hop=256)
_MEL_BINS = 128
_MEL_ITERATIONS = 32
_STFT_TRANSFORM = ShortTimeSpectrum(window=512, hop=128)
_STFT_ITERATIONS = 8


def from_mel(
    samples: Waveform,
    rate: int,
    generator: np.random.Generator,
) -> Waveform:
    """Speech from its 128 mel bands, by 32 iterations of Griffin-Lim."""
    spectrum = _MEL_TRANSFORM.analyse(samples.astype(np.float32))
    filters, inverse = _mel_and_back(rate)
    # Mel bands keep less than the spectrum has. The pseudo-inverse gives the nearest spectrum, of
    # which negative values are set to zero.
    mel = np.abs(spectrum) @ filters
    magnitude = np.maximum(mel @ inverse, 0)
    return recover_phase(
        magnitude, _MEL_TRANSFORM, _MEL_ITERATIONS, len(samples), generator
    ).astype(np.float64)


def from_stft(
    samples: Waveform,
    rate: int,
    generator: np.random.Generator,
) -> Waveform:
    """Speech from the magnitudes of its STFT, by 8 iterations of Griffin-Lim."""
    spectrum = _STFT_TRANSFORM.analyse(samples.astype(np.float32))
    return recover_phase(
        np.abs(spectrum), _STFT_TRANSFORM, _STFT_ITERATIONS, len(samples), generator
    ).astype(np.float64)


@cache
def _mel_and_back(rate: int) -> tuple[Magnitude, Magnitude]:
    """The filterbank (513, 128) and its pseudo-inverse (128, 513)."""
    filters = mel_filters(_MEL_BINS, _MEL_TRANSFORM.window, rate).numpy().T
    return filters, np.linalg.pinv(filters).astype(np.float32)
