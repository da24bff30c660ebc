"""Griffin-Lim: as a plain loop over frames computes it, and nearer with each iteration."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from avdf.model.forging.sound.phase_recovery import recover_phase
from avdf.model.forging.sound.short_time_spectrum import ShortTimeSpectrum
from tests.helpers.voices import synthetic_voices

WINDOW, HOP, LENGTH = 64, 16, 200
Table = npt.NDArray[np.complex128]
Values = npt.NDArray[np.float64]
HANN = np.hanning(WINDOW + 1)[:-1]


def analysed(samples: Values) -> Table:
    padded = np.concatenate([np.zeros(WINDOW - HOP), samples, np.zeros(WINDOW)])
    count = -(-len(samples) // HOP) + WINDOW // HOP - 1
    return np.array(
        [np.fft.rfft(padded[i * HOP : i * HOP + WINDOW] * HANN) for i in range(count)]
    )


def synthesised(spectrum: Table) -> Values:
    total = np.zeros(len(spectrum) * HOP + WINDOW)
    weight = np.zeros_like(total)
    for index, row in enumerate(spectrum):
        place = slice(index * HOP, index * HOP + WINDOW)
        total[place] += np.fft.irfft(row) * HANN
        weight[place] += HANN**2
    first = WINDOW - HOP
    return total[first : first + LENGTH] / weight[first : first + LENGTH]


def test_equals_a_plain_loop() -> None:
    samples = np.random.default_rng(1).normal(size=LENGTH)
    magnitude = np.abs(analysed(samples))
    angle = np.random.default_rng(2).uniform(0, 2 * np.pi, magnitude.shape)
    expected = synthesised(magnitude * np.exp(1j * angle))
    for _ in range(5):
        estimate = analysed(expected)
        expected = synthesised(magnitude * estimate / np.abs(estimate))

    recovered = recover_phase(
        magnitude.astype(np.float32),
        ShortTimeSpectrum(WINDOW, HOP),
        iterations=5,
        length=LENGTH,
        generator=np.random.default_rng(2),
    )
    np.testing.assert_allclose(recovered, expected, atol=2e-3)


def test_magnitudes_come_nearer_with_each_iteration() -> None:
    transform = ShortTimeSpectrum(512, 128)
    speech = synthetic_voices(1, seconds=0.64)[0].astype(np.float32) / np.float32(32768)
    magnitude = np.abs(transform.analyse(speech))
    errors = []
    for iterations in (0, 1, 2, 4, 8, 16):
        found = recover_phase(
            magnitude, transform, iterations, len(speech), np.random.default_rng(3)
        )
        errors.append(np.linalg.norm(np.abs(transform.analyse(found)) - magnitude))
    # Griffin and Lim prove that the error never grows.
    assert all(after < before for before, after in pairwise(errors))
