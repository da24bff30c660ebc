"""AUC over the test clips of all folds, with an interval from a bootstrap over speakers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DRAWS = 1000

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Scores of one seed: the higher, the less picture and sound belong together.

    genuine, made                    scores
    genuine_speakers, made_speakers  who is seen
    """

    genuine: Array
    genuine_speakers: npt.NDArray[np.str_]
    made: Array
    made_speakers: npt.NDArray[np.str_]


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds, its 95 % interval over speakers, and the value of each seed."""

    mean: float
    low: float
    high: float
    seeds: tuple[float, ...]


def pooled_auc(seeds: Sequence[Scored]) -> Estimate:
    """The mean AUC over seeds; each draw takes the same speakers for all of them."""
    speakers = np.unique(seeds[0].genuine_speakers)
    generator = np.random.default_rng(0)
    sampled = generator.integers(len(speakers), size=(DRAWS, len(speakers)))
    drawn = [np.bincount(draw, minlength=len(speakers)) for draw in sampled]
    counts = np.stack(drawn).astype(np.float64)
    once = np.ones((1, len(speakers)))
    own = [float(_weighted(one, speakers, once)[0]) for one in seeds]
    means = np.mean([_weighted(one, speakers, counts) for one in seeds], axis=0)
    # A draw without any made pair has no AUC.
    usable = means[np.isfinite(means)]
    low, high = np.percentile(usable, [2.5, 97.5])
    return Estimate(float(np.mean(own)), float(low), float(high), tuple(own))


def _weighted(scored: Scored, speakers: npt.NDArray[np.str_], counts: Array) -> Array:
    """(draws,) AUC if each speaker is there so many times: `counts` (draws, speakers)."""
    genuine = counts[:, np.searchsorted(speakers, scored.genuine_speakers)]
    made = counts[:, np.searchsorted(speakers, scored.made_speakers)]
    # The share of right comparisons of a made pair with a genuine one; a tie is half right.
    difference = scored.made[:, None] - scored.genuine[None, :]
    right = (difference > 0) + 0.5 * (difference == 0)
    total = ((made @ right) * genuine).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / (made.sum(axis=1) * genuine.sum(axis=1)))
