"""Textured faces whose mouth opens with a voice, in memory."""

import numpy as np

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE, SAMPLES_PER_FRAME
from avdf.model.speaking.mouth import Frames

ROWS = 75


def loudness(seed: int, rows: int = ROWS) -> np.ndarray:
    """(rows,) of a voice with syllables of random length, in [0, 1]."""
    steps = np.random.default_rng(seed).uniform(size=rows // 3 + 1)
    return np.repeat(steps, 3)[:rows]


def voice(level: np.ndarray) -> Pcm:
    """A tone with overtones that is as loud as `level` says."""
    clock = np.arange(len(level) * SAMPLES_PER_FRAME) / SAMPLE_RATE
    tone = sum(np.sin(2 * np.pi * 150 * k * clock) / k for k in range(1, 20))
    loud = np.repeat(level**2, SAMPLES_PER_FRAME)
    return np.asarray(tone * loud * 6000, np.int16)


def faces(level: np.ndarray, seed: int, shift: float = 0.0) -> Frames:
    """(rows, 224, 224, 3) a textured face whose mouth opens as `level` says.

    Args:
        shift: pixels by which the head moves to and fro.
    """
    generator = np.random.default_rng(seed)
    texture = generator.uniform(60, 200, (28, 28)).repeat(8, 0).repeat(8, 1)
    rows = []
    for number, opening in enumerate(level):
        face = texture.copy()
        half = 2 + round(14 * float(opening))
        face[164 - half : 164 + half, 90:134] = 20
        moved = round(shift * np.sin(number / 4))
        noisy = np.roll(face, moved, axis=1) + generator.normal(0, 2, face.shape)
        rows.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(rows)[..., None].repeat(3, -1)
