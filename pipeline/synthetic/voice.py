"""Synthetic speech: a glottal source through formant filters, syllable by syllable."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE, SAMPLES_PER_FRAME

Waveform = npt.NDArray[np.float64]
"""(samples,) at 16 kHz, in [-1, 1]."""
FrameValues = npt.NDArray[np.float64]
"""(frames,): one value for each video frame."""

# (first three formants in Hz, width of the mouth from 0 round to 1 spread):
# Peterson and Barney 1952, rounded
_VOWELS = (
    ((730, 1090, 2440), 0.6),
    ((270, 2290, 3010), 1.0),
    ((300, 870, 2240), 0.0),
    ((530, 1840, 2480), 0.8),
    ((570, 840, 2410), 0.2),
    ((660, 1720, 2410), 0.7),
)
_BANDWIDTHS = (80.0, 110.0, 160.0)  # Hz, of the formants
_PEAK = 0.6  # largest sample of an utterance
_LONG_PAUSES = 0.18  # share of syllables that a long pause follows
_TINY = 1e-6  # keeps a division by the loudness of silence finite


@dataclass(frozen=True)
class Voice:
    """How somebody sounds.

    pitch     Hz
    tract     length of the vocal tract; 1 is an average man's
    breath    share of noise in the voice
    syllable  average length of a syllable in seconds
    """

    pitch: float
    tract: float
    breath: float
    syllable: float


@dataclass(frozen=True)
class Utterance:
    """Speech and the mouth that says it: `opening` and `spread` are in [0, 1]."""

    audio: Waveform
    opening: FrameValues
    spread: FrameValues


def random_voice(generator: np.random.Generator, gender: str) -> Voice:
    """A random voice of a man or a woman (`men` or `women`)."""
    # A woman's vocal tract is shorter than a man's, so that her voice and its formants are higher.
    if gender == "men":
        low, high, tract = 95, 135, 1.0
    else:
        low, high, tract = 180, 240, 0.86
    return Voice(
        pitch=generator.uniform(low, high),
        tract=tract * generator.uniform(0.94, 1.06),
        breath=generator.uniform(0.02, 0.06),
        syllable=generator.uniform(0.19, 0.26),
    )


def speak(
    voice: Voice,
    seconds: float,
    generator: np.random.Generator,
) -> Utterance:
    """A random utterance of a voice."""
    total = round(seconds * FRAME_RATE) * SAMPLES_PER_FRAME
    audio = np.zeros(total)
    spread = np.full(total, 0.5)
    start = int(generator.uniform(0.0, 0.08) * SAMPLE_RATE)
    while start < total:
        seconds_said = voice.syllable * generator.uniform(0.8, 1.25)
        length = int(seconds_said * SAMPLE_RATE)
        formants, width = _VOWELS[generator.integers(len(_VOWELS))]
        whole = _syllable(voice, formants, length, generator)
        # The last syllable may be cut off by the end of the utterance.
        syllable = whole[: total - start]
        stop = start + len(syllable)
        audio[start:stop] += syllable
        spread[start:stop] = width
        pause = int(_pause(generator) * SAMPLE_RATE)
        start += length + pause
    audio *= _PEAK / max(_TINY, np.abs(audio).max())
    opening = mouth_opening(audio)
    return Utterance(audio, opening, _mean_per_frame(spread))


def mouth_opening(audio: Waveform) -> FrameValues:
    """How far the mouth is open in each frame, in [0, 1]: the loudness of the frame's 40 ms."""
    whole_frames = len(audio) // SAMPLES_PER_FRAME
    power = audio[: whole_frames * SAMPLES_PER_FRAME] ** 2
    loudness = np.sqrt(_mean_per_frame(power))
    # Not the maximum: a single loud frame would leave the mouth nearly closed elsewhere.
    loud = float(np.percentile(loudness, 95))
    opening = loudness / max(_TINY, loud)
    return np.asarray(np.clip(opening, 0, 1))


def _pause(generator: np.random.Generator) -> float:
    """Seconds until the next syllable begins."""
    if generator.random() < _LONG_PAUSES:
        return generator.uniform(0.12, 0.3)
    return generator.uniform(0.0, 0.05)


def _syllable(
    voice: Voice,
    formants: tuple[int, int, int],
    length: int,
    generator: np.random.Generator,
) -> Waveform:
    """A consonant's noise, then a vowel; `length` samples in all."""
    consonant = int(length * generator.uniform(0.12, 0.3))
    hiss = generator.normal(size=consonant)
    noise = hiss * np.hanning(consonant) * 0.05

    # The vowel: a sawtooth whose pitch glides, with breath, filtered by the vocal tract.
    vowel = length - consonant
    first_pitch = generator.uniform(0.95, 1.1)
    last_pitch = generator.uniform(0.85, 1.0)
    glide = np.linspace(first_pitch, last_pitch, vowel)
    phase = np.cumsum(voice.pitch * glide / SAMPLE_RATE)
    sawtooth = 2 * (phase % 1) - 1
    source = sawtooth + generator.normal(size=vowel) * voice.breath
    for frequency, bandwidth in zip(formants, _BANDWIDTHS, strict=True):
        # The shorter the tract, the higher its resonances.
        resonance = frequency / voice.tract
        source = _resonate(source, resonance, bandwidth)

    # It rises over its first 30 % and falls over its last.
    from_start = np.arange(vowel)
    nearest_end = np.minimum(from_start, from_start[::-1])
    envelope = np.minimum(1, nearest_end / (0.3 * vowel))
    loudness = generator.uniform(0.5, 1.0)
    peak = max(_TINY, np.abs(source).max())
    source *= envelope * loudness / peak
    return np.concatenate([noise, source])


def _resonate(
    audio: Waveform,
    frequency: float,
    bandwidth: float,
) -> Waveform:
    """A filter with two poles that lets one formant through."""
    radius = np.exp(-np.pi * bandwidth / SAMPLE_RATE)
    angle = 2 * np.pi * frequency / SAMPLE_RATE
    feedback = [1.0, -2 * radius * np.cos(angle), radius**2]
    # With the sum as its gain, the filter leaves the lowest frequencies as loud as they are.
    gain = sum(feedback)
    return np.asarray(signal.lfilter([gain], feedback, audio))


def _mean_per_frame(values: Waveform) -> FrameValues:
    by_frame = values.reshape(-1, SAMPLES_PER_FRAME)
    return np.asarray(by_frame.mean(axis=1))
