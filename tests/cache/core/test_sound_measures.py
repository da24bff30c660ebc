"""Level, quiet parts and bandwidth of sounds: against plain loops, scipy and known sounds."""

import math

import numpy as np
import pytest
from scipy import signal

from avdf.cache.core.sound_measures import bandwidth, loudness, noise_floor

FRAME = 640


def noise(frames: int, level: float = 3000.0, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(0, level, frames * FRAME)
    return drawn.round().astype(np.int16)


def test_a_full_sine_has_a_level_of_3_dB_below_the_loudest() -> None:
    time = np.arange(16000) / 16000
    sine = (32767 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)
    assert loudness(sine) == pytest.approx(-3.01, abs=0.01)


def test_silence_has_the_least_level() -> None:
    silence = np.zeros(10 * FRAME, np.int16)
    assert loudness(silence) == noise_floor(silence) == pytest.approx(-90.3, abs=0.1)


def test_the_noise_floor_is_that_of_the_quietest_frames() -> None:
    pcm = noise(100)
    pcm[: 10 * FRAME] //= 30
    levels = []
    for first in range(0, len(pcm), FRAME):
        mean = sum(int(value) ** 2 for value in pcm[first : first + FRAME]) / FRAME
        levels.append(20 * math.log10(math.sqrt(mean) / 32768))
    levels.sort()
    assert levels[4] <= noise_floor(pcm) <= levels[5]
    assert noise_floor(pcm) < loudness(pcm) - 25


def below(pcm: np.ndarray, limit: float) -> np.ndarray:
    """The sound without frequencies from a limit on, in Hz."""
    sections = signal.ellip(10, 0.1, 80, limit, fs=16000, output="sos")
    return np.asarray(signal.sosfilt(sections, pcm), np.int16)


def test_the_bandwidth_is_that_of_the_spectrum_of_differences() -> None:
    # More windows than are computed at a time.
    low = below(noise(900), 2500)
    count = (len(low) - 1) // 1024 * 1024
    frequency, power = signal.welch(
        np.diff(low.astype(float))[:count],
        fs=16000,
        window=np.hanning(1024),
        noverlap=0,
        detrend=False,
    )
    total, number = 0.0, 0
    while total + power[number] < 0.99 * power.sum():
        total += power[number]
        number += 1
    assert bandwidth(low) == pytest.approx(frequency[number], abs=16)
    assert 2400 < bandwidth(low) < 2600


def test_white_noise_reaches_to_the_end_and_a_telephone_does_not() -> None:
    pcm = noise(100)
    assert bandwidth(pcm) > 7800
    assert bandwidth(below(pcm, 3400)) < 3500
