"""How much aligned features vary within a segment, as a share of their variance over all segments.

Matching compares the frames of a segment. Features that are the same in all of its frames can tell
people apart, but not whether lips and audio move together.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FeatureSpread:
    """Sums over the frames of some segments, of which more can be added.

    frames   how many
    total    (D,) sum of their features
    squares  sum of the squares of all values
    within   sum of the squared differences from the means of the segments
    """

    frames: int
    total: Array
    squares: float
    within: float

    @classmethod
    def of(cls, features: torch.Tensor) -> "FeatureSpread":
        """The sums of features (B, T, D)."""
        values = features.detach().double().cpu().numpy()
        means = values.mean(axis=1, keepdims=True)
        return cls(
            frames=values.shape[0] * values.shape[1],
            total=np.asarray(values.sum(axis=(0, 1))),
            squares=float((values**2).sum()),
            within=float(((values - means) ** 2).sum()),
        )

    @property
    def share(self) -> float | None:
        """Variance within segments by variance of all frames, 0 to 1; None where nothing varies."""
        variance = self.squares - float((self.total**2).sum()) / self.frames
        # Below the rounding of the sums, all features are the same.
        if not variance > 1e-12 * self.squares:
            return None
        return min(1.0, self.within / variance)


def join_spreads(parts: Iterable[FeatureSpread]) -> FeatureSpread | None:
    """The sums of several parts together; None without any."""
    parts = list(parts)
    if not parts:
        return None
    return FeatureSpread(
        frames=sum(part.frames for part in parts),
        total=np.sum([part.total for part in parts], axis=0),
        squares=sum(part.squares for part in parts),
        within=sum(part.within for part in parts),
    )
