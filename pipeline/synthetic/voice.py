"""Synthetic speech: a glottal source through formant filters, syllable by syllable; and what a cloned voice is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE, SAMPLES_PER_FRAME

Sound = npt.NDArray[np.float64]  # (n,) at 16 kHz, in [-1, 1]

# first three formants in Hz and how wide the mouth is (0 round, 1 spread): Peterson and Barney 1952, rounded
_VOWELS = (
    ((730, 1090, 2440), 0.6),
    ((270, 2290, 3010), 1.0),
    ((300, 870, 2240), 0.0),
    ((530, 1840, 2480), 0.8),
    ((570, 840, 2410), 0.2),
    ((660, 1720, 2410), 0.7),
)
_BANDWIDTHS = (80.0, 110.0, 160.0)
_VOCODER_BAND = 5000.0  # Hz
_SILENT_HEAD = 0.028  # seconds of silence at the head of a cloned voice, as in FakeAVCeleb's


@dataclass(frozen=True)
class Voice:
    """A speaker: pitch in Hz, length of the vocal tract (1: average man), breathiness, seconds a syllable."""

    pitch: float
    tract: float
    breath: float
    syllable: float


@dataclass(frozen=True)
class Utterance:
    """Speech and the mouth that says it: `opening` and `spread` in [0, 1], one value a video frame."""

    sound: Sound
    opening: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]


def draw_voice(generator: np.random.Generator, gender: str) -> Voice:
    """A random speaker."""
    low, high, tract = (95, 135, 1.0) if gender == "men" else (180, 240, 0.86)
    return Voice(
        pitch=generator.uniform(low, high),
        tract=tract * generator.uniform(0.94, 1.06),
        breath=generator.uniform(0.02, 0.06),
        syllable=generator.uniform(0.19, 0.26),
    )


def speak(voice: Voice, seconds: float, generator: np.random.Generator) -> Utterance:
    """A random utterance of a speaker."""
    frames = round(seconds * FRAME_RATE)
    total = frames * SAMPLES_PER_FRAME
    sound, spread = np.zeros(total), np.full(total, 0.5)
    at = int(generator.uniform(0.0, 0.08) * SAMPLE_RATE)
    while at < total:
        length = int(voice.syllable * generator.uniform(0.8, 1.25) * SAMPLE_RATE)
        formants, width = _VOWELS[generator.integers(len(_VOWELS))]
        piece = _syllable(voice, formants, length, generator)[: total - at]
        sound[at : at + len(piece)] += piece
        spread[at : at + len(piece)] = width
        pause = (
            generator.uniform(0.12, 0.3)
            if generator.random() < 0.18
            else generator.uniform(0.0, 0.05)
        )
        at += length + int(pause * SAMPLE_RATE)
    sound *= 0.6 / max(1e-6, np.abs(sound).max())
    return Utterance(sound, mouth_opening(sound), _per_frame(spread))


def mouth_opening(sound: Sound) -> npt.NDArray[np.float64]:
    """How far the mouth is open at each video frame: the loudness of its 40 ms, in [0, 1]."""
    power = (sound[: len(sound) // SAMPLES_PER_FRAME * SAMPLES_PER_FRAME] ** 2).reshape(
        -1, SAMPLES_PER_FRAME
    )
    loudness = np.sqrt(power.mean(axis=1))
    return np.asarray(np.clip(loudness / max(1e-6, float(np.percentile(loudness, 95))), 0, 1))


def clone(sound: Sound, generator: np.random.Generator) -> Sound:
    """The same words from a vocoder: smeared bands, guessed phases, little above 5 kHz, a silent head.

    What text-to-speech vocoders leave behind, in small: the spectrum is known only in bands, the phase is not known.
    """
    frequencies, _, spectrum = signal.stft(sound, SAMPLE_RATE, nperseg=512, noverlap=384)
    magnitude = signal.convolve2d(
        np.abs(spectrum), np.ones((9, 1)) / 9, mode="same", boundary="symm"
    )
    magnitude *= np.where(frequencies > _VOCODER_BAND, 0.1, 1.0)[:, None]
    phase = np.exp(2j * np.pi * generator.random(spectrum.shape))
    for _ in range(3):  # Griffin and Lim 1984, stopped early
        _, wave = signal.istft(magnitude * phase, SAMPLE_RATE, nperseg=512, noverlap=384)
        _, _, again = signal.stft(wave, SAMPLE_RATE, nperseg=512, noverlap=384)
        phase = np.exp(1j * np.angle(again[:, : spectrum.shape[1]]))
    _, wave = signal.istft(magnitude * phase, SAMPLE_RATE, nperseg=512, noverlap=384)
    made: Sound = np.resize(wave, len(sound)) * 0.6 / max(1e-6, np.abs(wave).max())
    head = int(_SILENT_HEAD * SAMPLE_RATE)
    made[:head] = 0.0
    return made


def _syllable(
    voice: Voice, formants: tuple[int, int, int], length: int, generator: np.random.Generator
) -> Sound:
    """A consonant's noise, then a vowel."""
    consonant = int(length * generator.uniform(0.12, 0.3))
    noise = generator.normal(size=consonant) * np.hanning(consonant) * 0.05
    vowel = length - consonant
    glide = np.linspace(generator.uniform(0.95, 1.1), generator.uniform(0.85, 1.0), vowel)
    phase = np.cumsum(voice.pitch * glide / SAMPLE_RATE)
    source = 2 * (phase % 1) - 1 + generator.normal(size=vowel) * voice.breath
    for frequency, bandwidth in zip(formants, _BANDWIDTHS, strict=True):
        source = _resonate(source, frequency / voice.tract, bandwidth)
    rise = np.minimum(1, np.minimum(np.arange(vowel), np.arange(vowel)[::-1]) / (0.3 * vowel))
    source *= rise * generator.uniform(0.5, 1.0) / max(1e-6, np.abs(source).max())
    return np.concatenate([noise, source])


def _resonate(sound: Sound, frequency: float, bandwidth: float) -> Sound:
    radius = np.exp(-np.pi * bandwidth / SAMPLE_RATE)
    angle = 2 * np.pi * frequency / SAMPLE_RATE
    feedback = [1.0, -2 * radius * np.cos(angle), radius**2]
    return np.asarray(signal.lfilter([sum(feedback)], feedback, sound))


def _per_frame(values: Sound) -> npt.NDArray[np.float64]:
    return np.asarray(values.reshape(-1, SAMPLES_PER_FRAME).mean(axis=1))
