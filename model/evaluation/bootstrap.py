"""95 % intervals: whole identities are drawn with replacement, and the figures computed anew for each draw."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import Labels, Scores

ConfidenceInterval = tuple[float, float]
Array = npt.NDArray[np.float64]

_CELLS = 1 << 23  # weights held at a time: 64 MB
_MOST_DRAWN = 100_000_000  # identities, over all draws: a thousand draws of up to 100,000
_FEWEST = 200  # draws
NAMES = ("auc", "average_precision", "accuracy", "balanced_accuracy")


def bootstrap(
    labels: Labels,
    scores: Scores,
    groups: npt.NDArray[np.object_],
    threshold: float,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, ConfidenceInterval | None]:
    """Intervals of AUC, AP (fake), accuracy and balanced accuracy; None where one cannot be had.

    Each draw weighs every video by how often its group (identity) was drawn; the figures are those of the weighted
    videos, as if each were repeated so often.
    """
    kept = np.isin(labels, (REAL, FAKE)) & np.isfinite(scores)
    labels, scores = labels[kept], scores[kept]
    names, member = np.unique(groups[kept].astype(str), return_inverse=True)
    if len(names) < 2:
        return dict.fromkeys(NAMES)
    # Of a million identities a thousand draws would take an hour, and their intervals are narrow.
    draws = max(_FEWEST, min(draws, _MOST_DRAWN // len(names)))
    parts = _weights(draws, len(names), member, np.random.default_rng(seed))
    figures = np.concatenate([_figures(labels, scores, times, threshold) for times in parts])
    return {name: _interval(figures[:, column]) for column, name in enumerate(NAMES)}


def _weights(
    draws: int, groups: int, member: npt.NDArray[np.intp], generator: np.random.Generator
) -> Iterator[Array]:
    """(some draws, videos): how often each video was drawn."""
    at_once = max(1, _CELLS // len(member))
    for at in range(0, draws, at_once):
        drawn = generator.integers(groups, size=(min(at_once, draws - at), groups))
        yield np.stack([np.bincount(draw, minlength=groups) for draw in drawn])[:, member].astype(
            np.float64
        )


def _figures(labels: Labels, scores: Scores, times: Array, threshold: float) -> Array:
    """(draws, 4) AUC, AP, accuracy, balanced accuracy under the weights `times` (draws, videos)."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(
        np.append(np.diff(scores[order]) != 0, True)
    )  # last of each run of equal scores
    fake = labels[order] == FAKE
    found = np.cumsum(times[:, order] * fake, axis=1)[:, ends]  # fakes at or above each score
    accused = np.cumsum(times[:, order] * ~fake, axis=1)[:, ends]
    fakes, reals = found[:, -1:], accused[:, -1:]
    gained = np.diff(found, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (np.diff(accused, axis=1, prepend=0) * (found - gained / 2)).sum(
            axis=1, keepdims=True
        ) / (fakes * reals)
        precision = np.nan_to_num(found / (found + accused))
        average = np.where(
            reals > 0, (gained * precision).sum(axis=1, keepdims=True) / fakes, np.nan
        )
        right = times * ((scores >= threshold) == labels)
        accuracy = right.sum(axis=1, keepdims=True) / times.sum(axis=1, keepdims=True)
        balanced = sum(right[:, labels == label].sum(axis=1, keepdims=True) / total
                       for label, total in ((REAL, reals), (FAKE, fakes))) / 2  # fmt: skip
    return np.asarray(np.concatenate([area, average, accuracy, balanced], axis=1))


def _interval(values: Array) -> ConfidenceInterval | None:
    usable = values[np.isfinite(values)]
    if len(usable) < len(values) // 2:
        return None
    low, high = np.percentile(usable, [2.5, 97.5])
    return float(low), float(high)
