"""Forgers so plain that a test can say what they make."""

from dataclasses import replace

import numpy as np

from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Forger
from avdf.model.verdicts import PerVerdict


def _bright(footage: Footage, _generator: np.random.Generator) -> Footage:
    return replace(footage, frames=footage.frames + np.uint8(50))


def _loud(footage: Footage, _generator: np.random.Generator) -> Footage:
    return replace(footage, pcm=footage.pcm * np.int16(2))


def _other(footage: Footage, _generator: np.random.Generator) -> Footage:
    if footage.other is None:
        raise CannotForge("no other sound")
    return replace(footage, pcm=footage.other)


BRIGHT = Forger("bright", "brighter", PerVerdict(1, 0, 1), _bright)
"""Each value of the frames is larger by 50."""
LOUD = Forger("loud", "twice as loud", PerVerdict(0, 1, 1), _loud)
OTHER = Forger(
    "other",
    "other sound",
    PerVerdict(0, 0, 1),
    _other,
    needs_other=True,
    divisible=False,
)
FORGERS = (BRIGHT, LOUD, OTHER)


def genuine_footage(rows: int) -> Footage:
    """Frames of noise below 200, and sound of noise that is not loud."""
    generator = np.random.default_rng(0)
    frames = generator.integers(0, 200, (rows, 224, 224, 3), np.uint8)
    pcm = generator.integers(-9000, 9000, rows * 640, np.int16)
    return Footage(frames, pcm, pcm, 0, pcm[::-1].copy())
