"""Noise of microphones, rooms and transmission: three kinds after RawBoost.

Source: Tak et al. 2022, "RawBoost: a raw data boosting and augmentation method applied to automatic
speaker verification anti-spoofing", Section 3.
"""

import numpy as np
from scipy.signal import oaconvolve

from avdf.model.augment.notch_filter import random_notches
from avdf.model.waveform import Waveform, loudness

_HIGHEST_POWER = 5  # of the non-linear terms
_WEAKENED = (5.0, 20.0)  # dB by which non-linear terms are weaker
_IMPULSES = 0.1  # largest share of samples that impulses change
_IMPULSE_GAIN = 2.0
_RATIOS = (10.0, 40.0)  # dB, signal to stationary noise


def convolve(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """Linear and non-linear convolutive noise: powers of the signal, each through its own filter.

    The linear term keeps its loudness. Powers of 2 to at most 5 are weaker by 5 to 20 dB.
    """
    peak = np.abs(samples).max(initial=0.0)
    if peak == 0.0:
        return samples.copy()
    signal = samples / peak
    total = _filtered(signal, generator)
    for power in range(2, int(generator.integers(2, _HIGHEST_POWER + 2))):
        weaker = 10 ** (-generator.uniform(*_WEAKENED) / 20)
        term = signal**power
        total += weaker * _filtered(term - term.mean(), generator)
    return np.asarray(total * peak)


def add_impulses(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """Impulsive noise that depends on the signal: up to 10 % of the samples change with it."""
    share = generator.uniform(0, _IMPULSES)
    hit = generator.random(len(samples)) < share
    # The product of two uniform numbers: small changes are more frequent than large ones.
    size = generator.uniform(-1, 1, (2, len(samples))).prod(axis=0)
    return np.asarray(samples + _IMPULSE_GAIN * samples * size * hit)


def add_coloured(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """Stationary noise of a random colour, 10 to 40 dB below the signal."""
    noise = _filtered(generator.normal(size=len(samples)), generator)
    ratio = 10 ** (generator.uniform(*_RATIOS) / 20)
    # One sample could be filtered to exactly zero.
    level = max(loudness(noise), np.finfo(float).tiny)
    return samples + noise * (loudness(samples) / ratio / level)


def _filtered(samples: Waveform, generator: np.random.Generator) -> Waveform:
    return np.asarray(oaconvolve(samples, random_notches(generator), mode="same"))[
        : len(samples)
    ]
