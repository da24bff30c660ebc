"""Forgers whose change is one of the frames alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Forger
from avdf.model.verdicts import PerVerdict

# Frames (n, S, S, 3) uint8 RGB -> forged ones of the same shape, in an array of their own.
FrameChange = Callable[[UInt8Array, np.random.Generator], UInt8Array]


def picture_forger(
    name: str, title: str, change: FrameChange, divisible: bool = True
) -> Forger:
    """The forger that changes the frames of footage and leaves its sound."""

    def forge(footage: Footage, generator: np.random.Generator) -> Footage:
        return replace(footage, frames=change(footage.frames, generator))

    labels = PerVerdict(visual=FAKE, audio=REAL, video=FAKE)
    return Forger(name, title, labels, forge, divisible=divisible)
