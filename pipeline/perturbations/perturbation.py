"""What a perturbation is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.stream.clips import TrackClip

# The perturbed clip, from a clip, a value, and a source of random numbers.
Change = Callable[[TrackClip, float, np.random.Generator], TrackClip]

LEVELS = 5


@dataclass(frozen=True)
class Perturbation:
    """A kind of perturbation: what it does, and its five values from mild to severe."""

    name: str
    title: str
    unit: str
    values: tuple[float, ...]
    change: Change

    def __post_init__(self) -> None:
        if len(self.values) != LEVELS:
            raise ValueError(f"{self.name} has {len(self.values)} levels, not {LEVELS}")


@dataclass(frozen=True)
class Perturbed:
    """One perturbation at one level, 1 to 5. The same clip is changed in the same way each time."""

    kind: Perturbation
    level: int

    @property
    def name(self) -> str:
        return f"{self.kind.name}:{self.level}"

    @property
    def value(self) -> float:
        return float(self.kind.values[self.level - 1])

    def __call__(self, clip: TrackClip) -> TrackClip:
        """The perturbed clip."""
        first_row = round(clip.start * FRAME_RATE)
        generator = np.random.default_rng([self.level, clip.video, first_row])
        return self.kind.change(clip, self.value, generator)
