"""What a cloned voice sounds like: the same words, with the traces that a vocoder leaves."""

from functools import partial

import numpy as np
from scipy import signal

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.pipeline.synthetic.voice import Waveform

_BAND_LIMIT = 5000.0  # Hz: little is left above
# Seconds of silence at the beginning, as in the cloned voices of FakeAVCeleb.
_SILENT_HEAD = 0.028
_BAND = 9  # frequencies that are averaged: the vocoder knows the spectrum only in bands
_ROUNDS = 3  # of Griffin and Lim 1984: so few leave the phase audibly wrong

_to_spectrum = partial(
    signal.stft,
    fs=SAMPLE_RATE,
    nperseg=512,
    noverlap=384,
)
_to_wave = partial(
    signal.istft,
    fs=SAMPLE_RATE,
    nperseg=512,
    noverlap=384,
)


def clone_voice(
    audio: Waveform,
    generator: np.random.Generator,
) -> Waveform:
    """The same words from a vocoder, of the same length.

    What text-to-speech vocoders leave behind, made simple: the spectrum is known only in bands,
    its phases are guessed, little sounds above 5 kHz, and the beginning is silent.
    """
    frequencies, _, spectrum = _to_spectrum(audio)
    band = np.ones((_BAND, 1)) / _BAND
    magnitude = signal.convolve2d(
        np.abs(spectrum),
        band,
        mode="same",
        boundary="symm",
    )
    magnitude *= np.where(frequencies > _BAND_LIMIT, 0.1, 1.0)[:, None]

    # Phases that fit the magnitudes are searched from random ones: each round takes those of the
    # wave that the last ones give.
    phase = np.exp(2j * np.pi * generator.random(spectrum.shape))
    for _ in range(_ROUNDS):
        _, wave = _to_wave(magnitude * phase)
        _, _, again = _to_spectrum(wave)
        phase = np.exp(1j * np.angle(again[:, : spectrum.shape[1]]))
    _, wave = _to_wave(magnitude * phase)

    cloned: Waveform = np.resize(wave, len(audio)) * 0.6 / max(1e-6, np.abs(wave).max())
    cloned[: int(_SILENT_HEAD * SAMPLE_RATE)] = 0.0
    return cloned
