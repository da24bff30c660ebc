"""What a forger is: a name, the labels of what it makes, and the change itself."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from avdf.model.forging.footage import Footage
from avdf.model.verdicts import PerVerdict

# The forged footage, from genuine footage and a source of random numbers. The arrays of the genuine
# footage stay as they are, and the forged one has as many frames and samples.
Change = Callable[[Footage, np.random.Generator], Footage]


@dataclass(frozen=True)
class Forger:
    """One way to forge.

    name         in settings and tables, for instance `self_blend`
    title        for people
    labels       of the forged footage: visual, audio, video
    change       makes the forgery
    needs_other  whether it needs the sound of another video
    divisible    whether a part of what it makes may stand between genuine rows. A part of a forger
                 that changes single instants could miss them; a part of sound that is genuine, but
                 does not belong there, would have cuts
    """

    name: str
    title: str
    labels: PerVerdict[int]
    change: Change
    needs_other: bool = False
    divisible: bool = True
