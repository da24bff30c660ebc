"""Thresholds of the three verdicts: from which P(fake) a video is called fake."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import Labels, Scores, known
from avdf.model.verdicts import REPORT_ORDER, PerVerdict


@dataclass(frozen=True)
class Thresholds(PerVerdict[float]):
    """P(fake) from which each verdict is `fake`.

    They are found on validation videos, never on the videos that are judged.

    origin    where the threshold of the video verdict comes from: `validation`, or `default` where
              validation gave none
    defaults  verdicts whose threshold stayed at 0.5. None, as in older checkpoints: those whose
              threshold is exactly 0.5

    Raises:
        ValueError: a threshold is not in [0, 1].
    """

    visual: float = 0.5
    audio: float = 0.5
    video: float = 0.5
    origin: str = "default"
    defaults: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        names = self.defaults
        if names is None:
            names = tuple(verdict for verdict in REPORT_ORDER if self[verdict] == 0.5)
        object.__setattr__(self, "defaults", tuple(names))
        for verdict in REPORT_ORDER:
            if not 0 <= self[verdict] <= 1:
                raise ValueError(
                    f"threshold {verdict} is {self[verdict]}; it must lie in [0, 1]"
                )

    @classmethod
    def from_validation(cls, found: PerVerdict[float | None]) -> "Thresholds":
        """The thresholds that validation found; 0.5 where it gave none."""
        defaults = tuple(verdict for verdict, value in found.items() if value is None)
        values = found.map(lambda value: 0.5 if value is None else value)
        return cls(
            visual=values.visual,
            audio=values.audio,
            video=values.video,
            origin="default" if "video" in defaults else "validation",
            defaults=defaults,
        )

    def is_default(self, verdict: str) -> bool:
        """Whether validation gave no threshold for a verdict, which stayed at 0.5."""
        return verdict in (self.defaults or ())

    def as_dict(self) -> dict[str, Any]:
        """The thresholds as checkpoints and `metrics.json` keep them."""
        values: dict[str, Any] = {verdict: self[verdict] for verdict in REPORT_ORDER}
        return {**values, "origin": self.origin, "defaults": self.defaults}


def best_threshold(labels: Labels, scores: Scores) -> float | None:
    """The threshold with the largest balanced accuracy; None where a class is missing.

    To be used on validation videos only.

    Args:
        labels: (n,) 0 real, 1 fake, -1 unknown.
        scores: (n,) P(fake); NaN where there is none.
    """
    labels, scores = known(labels, scores)
    if len(np.unique(labels)) < 2:
        return None

    # Only thresholds between two neighbouring scores differ in what they call fake.
    levels = np.unique(scores)
    between = (levels[1:] + levels[:-1]) / 2
    candidates = np.concatenate([[0.0], between, [1.0]])

    # The share of fakes at or above each candidate, and the share of real videos below it.
    fakes = np.sort(scores[labels == FAKE])
    reals = np.sort(scores[labels == REAL])
    true_positive_rate = 1 - np.searchsorted(fakes, candidates) / len(fakes)
    true_negative_rate = np.searchsorted(reals, candidates) / len(reals)
    balanced = true_positive_rate + true_negative_rate

    # Of several equally good thresholds, the one in the middle.
    best = np.flatnonzero(balanced >= balanced.max() - 1e-12)
    return float(candidates[best[len(best) // 2]])
