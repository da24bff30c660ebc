"""The short-time spectrum: as scipy computes it, and back again without loss."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from avdf.model.forging.sound.short_time_spectrum import ShortTimeSpectrum, overlap_add

TRANSFORM = ShortTimeSpectrum(window=512, hop=128)


def noise(length: int) -> np.ndarray:
    return np.random.default_rng(length).normal(size=length).astype(np.float32)


def test_spectrum_equals_scipy() -> None:
    samples = noise(4096)
    padded = np.pad(samples, 384)
    theirs = signal.stft(
        padded, nperseg=512, noverlap=384, boundary=None, padded=False
    )[2]
    # scipy divides by the sum of the window.
    expected = theirs.T * signal.get_window("hann", 512).sum()
    np.testing.assert_allclose(TRANSFORM.analyse(samples), expected, atol=1e-3)


@given(
    length=st.integers(1, 5000),
    hop=st.sampled_from([64, 100, 256]),
    overlap=st.sampled_from([2, 3, 4]),
)
def test_synthesis_undoes_analysis(length: int, hop: int, overlap: int) -> None:
    transform = ShortTimeSpectrum(window=hop * overlap, hop=hop)
    samples = noise(length)
    back = transform.synthesise(transform.analyse(samples), length)
    np.testing.assert_allclose(back, samples, atol=1e-4)


def test_overlap_add_equals_a_loop() -> None:
    frames = noise(7 * 12).reshape(7, 12)
    expected = np.zeros(6 * 4 + 12)
    for index, frame in enumerate(frames):
        expected[index * 4 : index * 4 + 12] += frame
    np.testing.assert_allclose(overlap_add(frames, 4), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("window", "hop"), [(512, 100), (128, 128), (8, 0)])
def test_windows_fit_the_hop(window: int, hop: int) -> None:
    with pytest.raises(ValueError, match="multiple of the hop"):
        ShortTimeSpectrum(window, hop)
