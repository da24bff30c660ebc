"""The balance of a sound: that of the reference, and nothing is carried around its ends."""

from itertools import pairwise

import numpy as np
from scipy.signal import lfilter

from avdf.model.forging.sound.spectral_balance import balanced_like
from avdf.model.waveform import Waveform

RATE = 16_000


def third_octaves(samples: Waveform) -> Waveform:
    """dB in bands of a third of an octave from 200 Hz to 5 kHz."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    edges = 200 * 2 ** (np.arange(15) / 3)
    bands = [
        power[(hertz >= low) & (hertz < high)].sum() for low, high in pairwise(edges)
    ]
    levels: Waveform = 10 * np.log10(np.array(bands))
    return levels


def test_the_balance_is_that_of_the_reference() -> None:
    generator = np.random.default_rng(0)
    dull = lfilter([1.0], [1.0, -0.6], generator.normal(size=RATE))
    bright = lfilter([1.0, -0.6], [1.0], generator.normal(size=RATE))
    before = third_octaves(bright) - third_octaves(dull)
    after = third_octaves(balanced_like(bright, dull)) - third_octaves(dull)
    # A gain of more than 12 dB is not given.
    expected = before - np.clip(before, -12, 12)
    assert np.abs(after - expected).max() < 1.5 < np.abs(before).max()


def test_the_end_is_not_carried_around_to_the_start() -> None:
    """Sound in the first third, then silence: the filter answers for a few milliseconds only."""
    generator = np.random.default_rng(1)
    samples, reference = np.zeros(10_240), np.zeros(10_240)
    samples[:3_400] = generator.normal(size=3_400)
    reference[:3_400] = lfilter([1.0], [1.0, -0.9], generator.normal(size=3_400))
    found = balanced_like(samples, reference)
    assert np.abs(found[-640:]).max() < 1e-3 * np.abs(found).max()
