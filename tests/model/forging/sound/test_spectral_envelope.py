"""The envelope of a spectrum: beside a known filter and a plain loop over cosines."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import freqz, lfilter

from avdf.model.forging.sound.spectral_envelope import (
    envelope_cepstrum,
    log_spectrum,
    minimum_phase,
)

SIZE = 512


POLES = np.array([0.9 * np.exp(0.5j), 0.8 * np.exp(1.7j)])
TRACT = np.poly([*POLES, *POLES.conj()]).real


def resonance() -> npt.NDArray[np.float32]:
    """(1, 257) the log magnitude of two resonances, which a smooth curve describes well."""
    _, answer = freqz([1.0], TRACT, SIZE // 2 + 1, include_nyquist=True)
    return np.asarray(np.log(np.abs(answer))[None], np.float32)


@given(seed=st.integers(0, 999), order=st.integers(2, 44))
def test_a_log_spectrum_is_a_sum_of_cosines(seed: int, order: int) -> None:
    cepstrum = np.random.default_rng(seed).normal(size=(1, order)).astype(np.float32)
    angle = np.pi * np.arange(SIZE // 2 + 1) / (SIZE // 2)
    plain = np.full(SIZE // 2 + 1, float(cepstrum[0, 0]))
    for k in range(1, order):
        plain += 2 * float(cepstrum[0, k]) * np.cos(k * angle)
    np.testing.assert_allclose(log_spectrum(cepstrum, SIZE)[0], plain, atol=1e-4)


def test_the_envelope_of_a_voice_lies_on_its_peaks() -> None:
    """Between the harmonics of a voice nothing is known of the vocal tract."""
    tract = resonance()
    comb = np.full(SIZE // 2 + 1, -4.0, np.float32)
    comb[::6] = 0.0
    envelope = log_spectrum(envelope_cepstrum(tract + comb, 30), SIZE)[0]
    smoothed_once = np.fft.irfft(tract + comb, SIZE, axis=1)[:, :30].astype(np.float32)
    below = log_spectrum(smoothed_once, SIZE)[0]
    assert np.abs(below[::6] - tract[0, ::6]).mean() > 3
    assert np.abs(envelope[::6] - tract[0, ::6]).mean() < 1.2


def test_a_smooth_spectrum_is_its_own_envelope() -> None:
    tract = resonance()
    envelope = log_spectrum(envelope_cepstrum(tract, 100), SIZE)
    np.testing.assert_allclose(envelope, tract, atol=0.02)


def test_the_filter_of_an_envelope_answers_at_once() -> None:
    tract = resonance()
    cepstrum = envelope_cepstrum(tract, 100)
    filters = np.fft.irfft(minimum_phase(cepstrum, SIZE), SIZE, axis=1)[0]
    # The resonances come from a filter of minimum phase, so that the answer is known.
    pulse = np.zeros(SIZE)
    pulse[0] = 1.0
    plain = lfilter([1.0], TRACT, pulse)
    np.testing.assert_allclose(filters[:200], plain[:200], atol=0.03)
    assert np.abs(filters[SIZE // 2 :]).max() < 0.01
