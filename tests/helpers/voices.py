"""Speech for tests of forging: recordings where there are some, synthetic voices anywhere."""

from pathlib import Path

import numpy as np

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_SAMPLES
from avdf.model.forging.footage import Footage
from avdf.model.waveform import to_pcm
from avdf.pipeline.synthetic.voice import random_voice, speak
from tests.helpers.media import ffmpeg


def synthetic_voices(count: int, seconds: float = 3.0, seed: int = 0) -> list[Pcm]:
    """Utterances of as many voices, with the noise and the offset of a microphone."""
    generator = np.random.default_rng(seed)
    voices = []
    for index in range(count):
        voice = random_voice(generator, ("men", "women")[index % 2])
        audio = speak(voice, seconds, generator).audio * 0.5
        noise = generator.normal(2e-4, 5e-4, len(audio))
        voices.append(to_pcm(audio + noise))
    return voices


def recorded_voices(clips: Path, folder: Path) -> list[Pcm]:
    """The sound of each clip, by ffmpeg."""
    voices = []
    for clip in sorted(clips.glob("*.mpg")):
        raw = folder / f"{clip.stem}.raw"
        ffmpeg("-i", str(clip), "-ac", "1", "-ar", "16000", "-f", "s16le", str(raw))
        voices.append(np.fromfile(raw, np.int16))
    return voices


def window_of(recording: Pcm, begin: int, samples: int = SEGMENT_SAMPLES) -> Footage:
    """Footage of a recording from a sample on, with tiny frames that are all black."""
    frames = np.zeros((samples // SAMPLES_PER_FRAME, 4, 4, 3), np.uint8)
    pcm = recording[begin : begin + samples]
    return Footage(frames, pcm, around=recording, begin=begin)
