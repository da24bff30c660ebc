"""The way of sound through a device: bands, colour, phase, level and the converter's noise."""

import numpy as np
from scipy.signal import lfilter, oaconvolve, sosfilt

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.model.augment.notch_filter import low_pass
from avdf.model.waveform import Waveform

_LOWEST = (15.0, 150.0)  # Hz: what is below is removed
_HIGHEST = (3_400.0, 7_800.0)  # Hz: what is above is removed
_TAPS = (20, 80)  # of half the filter
_TILT = 0.5  # largest coefficient of the filter of one tap: about 10 dB at 8 kHz
_SECTIONS = 16  # of the all-pass filter
_RADII = (0.6, 0.99)  # of its poles: the nearer to 1, the longer a frequency is delayed
_DECAY = (0.05, 0.5)  # s in which the sound of a room falls by 60 dB
_DIRECT = (0.0, 15.0)  # dB, direct sound to the sound of the room
_DRIVE = (
    0.5,
    4.0,
)  # peak of the signal, at which 1 is about where a limiter begins to act
_GAIN = (-10.0, 10.0)  # dB
_HEADROOM = 0.98  # of full scale
_STEP = 1 / 32768  # of 16-bit samples
_OFFSET = 3.0  # steps
_DITHER = (0.5, 3.0)  # steps


def remove_lows(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples without a constant offset, and weaker below 15 to 150 Hz."""
    hertz = np.exp(generator.uniform(*np.log(_LOWEST)))
    pole = np.exp(-2 * np.pi * hertz / SAMPLE_RATE)
    centred = samples - samples.mean()
    return np.asarray(lfilter([1.0, -1.0], [1.0, -pole], centred))


def limit_band(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples without what is above 3.4 to 7.8 kHz, as lower sampling rates leave them."""
    hertz = generator.uniform(*_HIGHEST)
    half = int(generator.integers(*_TAPS))
    taps = low_pass(hertz, half)
    # The start and the end of the full convolution are the delay of the filter.
    full = oaconvolve(samples, taps)
    return np.asarray(full[half : half + len(samples)])


def tilt(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples brighter or darker."""
    tap = generator.uniform(-_TILT, _TILT)
    return np.asarray(lfilter([1.0, tap], [1.0 + abs(tap)], samples))


def disperse(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples through random all-pass filters: the phase changes, the magnitude does not."""
    radius = generator.uniform(*_RADII, _SECTIONS)
    angle = generator.uniform(0, np.pi, _SECTIONS)
    middle = -2 * radius * np.cos(angle)
    last = radius**2
    one = np.ones(_SECTIONS)
    # Numerator and denominator of an all-pass section are mirror images.
    sections = np.stack([last, middle, one, one, middle, last], axis=1)
    return np.asarray(sosfilt(sections, samples))


def reverberate(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples in a random room: its answer is noise that decays, 0 to 15 dB below."""
    seconds = generator.uniform(*_DECAY)
    time = np.arange(1, round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    # 60 dB are a factor of 1000.
    tail = generator.normal(size=len(time)) * 10 ** (-3 * time / seconds)
    ratio = 10 ** (generator.uniform(*_DIRECT) / 20)
    tail /= ratio * np.sqrt(np.sum(tail**2))
    answer = np.concatenate([[1.0], tail])
    return np.asarray(oaconvolve(samples, answer)[: len(samples)])


def saturate(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples with their peaks rounded off, as by a limiter; the peak stays as it is."""
    peak = float(np.abs(samples).max(initial=_STEP))
    drive = generator.uniform(*_DRIVE)
    rounded = np.tanh(samples * (drive / peak))
    return np.asarray(rounded * (peak / np.tanh(drive)))


def amplify(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples louder or quieter by up to 10 dB, never so loud that they are clipped.

    Half of them are turned upside down: pulses of a vocoder all point to one side.
    """
    gain = 10 ** (generator.uniform(*_GAIN) / 20)
    peak = float(np.abs(samples).max(initial=_STEP))
    sign = float(generator.choice((-1.0, 1.0)))
    return samples * (sign * min(gain, _HEADROOM / peak))


def convert(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The samples with noise and offset of a converter, a few steps of 16 bits."""
    offset = generator.uniform(-_OFFSET, _OFFSET)
    noise = generator.normal(offset, generator.uniform(*_DITHER), len(samples))
    # Asymmetric speech got an offset of its own from what limits peaks.
    return samples - float(samples.mean()) + noise * _STEP
