"""95 % confidence intervals from a bootstrap over identities (Efron 1979, percentile method).

Videos of one person resemble each other. Drawing single videos would take them for independent and
give intervals that are too narrow, so that whole identities are drawn, with replacement.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import Labels, Scores

ConfidenceInterval = tuple[float, float]  # low, high
Array = npt.NDArray[np.float64]

NAMES = ("auc", "average_precision", "accuracy", "balanced_accuracy")

# Weights in memory at a time: 64 MB of float64.
_CELLS = 1 << 23
# Identities over all draws: a thousand draws of 100,000. A thousand draws of a million identities
# would take an hour, and their intervals are narrow with fewer draws too.
_MOST_DRAWN = 100_000_000
_FEWEST_DRAWS = 200


def bootstrap(
    labels: Labels,
    scores: Scores,
    groups: npt.NDArray[np.object_],
    threshold: float,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, ConfidenceInterval | None]:
    """Confidence intervals of AUC, AP (fake), accuracy and balanced accuracy.

    None for a figure that half of the draws cannot give, and with fewer than two groups.

    Args:
        labels: (n,) 0 real, 1 fake; others are left out.
        scores: (n,) P(fake); NaN is left out.
        groups: (n,) name of the group that each video belongs to.
        threshold: P(fake) from which a video is called fake.
    """
    kept = np.isin(labels, (REAL, FAKE)) & np.isfinite(scores)
    labels, scores = labels[kept], scores[kept]
    names, member = np.unique(groups[kept].astype(str), return_inverse=True)
    if len(names) < 2:
        return dict.fromkeys(NAMES)
    draws = max(_FEWEST_DRAWS, min(draws, _MOST_DRAWN // len(names)))
    generator = np.random.default_rng(seed)

    # A draw is a weight for each video: how often its identity was drawn. Its figures are those of
    # the weighted videos, as if each were repeated so often.
    figures = []
    for weights in _weights(draws, len(names), member, generator):
        figures.append(_figures(labels, scores, weights, threshold))
    columns = np.concatenate(figures).T
    return {
        name: _interval(values) for name, values in zip(NAMES, columns, strict=True)
    }


def _weights(
    draws: int,
    groups: int,
    member: npt.NDArray[np.intp],
    generator: np.random.Generator,
) -> Iterator[Array]:
    """(some draws, videos) how often each video was drawn, in parts that fit into memory."""
    at_once = max(1, _CELLS // len(member))
    for begin in range(0, draws, at_once):
        size = min(at_once, draws - begin)
        drawn = generator.integers(groups, size=(size, groups))
        counts = np.stack([np.bincount(draw, minlength=groups) for draw in drawn])
        yield counts[:, member].astype(np.float64)


def _figures(labels: Labels, scores: Scores, weights: Array, threshold: float) -> Array:
    """(draws, 4) AUC, AP, accuracy and balanced accuracy under weights (draws, videos)."""
    order = np.argsort(-scores, kind="stable")

    # Videos of equal score have to be accused together: only the last of them ends a step.
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    fake = labels[order] == FAKE

    # Fakes found and real videos accused at each step, for all draws at once.
    found = np.cumsum(weights[:, order] * fake, axis=1)[:, ends]
    accused = np.cumsum(weights[:, order] * ~fake, axis=1)[:, ends]
    fakes, reals = found[:, -1:], accused[:, -1:]

    # Draws without one of the classes divide by zero: their figures are not finite.
    with np.errstate(invalid="ignore", divide="ignore"):
        area = _area(found, accused)
        precision = _average_precision(found, accused)
        accuracy, balanced = _accuracies(
            labels, scores >= threshold, weights, reals, fakes
        )
    return np.concatenate([area, precision, accuracy, balanced], axis=1)


def _area(found: Array, accused: Array) -> Array:
    """(draws, 1) area under the ROC curve, by trapezia: a tie counts as half right."""
    gained = np.diff(found, axis=1, prepend=0)
    stepped = np.diff(accused, axis=1, prepend=0)
    area = (stepped * (found - gained / 2)).sum(axis=1, keepdims=True)
    return np.asarray(area / (found[:, -1:] * accused[:, -1:]))


def _average_precision(found: Array, accused: Array) -> Array:
    """(draws, 1) mean precision over the fakes, as scikit-learn's `average_precision_score`."""
    gained = np.diff(found, axis=1, prepend=0)
    precision = np.nan_to_num(found / (found + accused))
    average = (gained * precision).sum(axis=1, keepdims=True) / found[:, -1:]
    # Without a real video everything is right: the figure means nothing.
    return np.where(accused[:, -1:] > 0, average, np.nan)


def _accuracies(
    labels: Labels,
    called_fake: npt.NDArray[np.bool_],
    weights: Array,
    reals: Array,
    fakes: Array,
) -> tuple[Array, Array]:
    """(draws, 1) accuracy and balanced accuracy."""
    right = weights * (called_fake == labels)
    accuracy = right.sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
    spared = right[:, labels == REAL].sum(axis=1, keepdims=True) / reals
    found = right[:, labels == FAKE].sum(axis=1, keepdims=True) / fakes
    return accuracy, (spared + found) / 2


def _interval(values: Array) -> ConfidenceInterval | None:
    """The middle 95 % of the draws."""
    usable = values[np.isfinite(values)]
    if len(usable) < len(values) // 2:
        return None
    low, high = np.percentile(usable, [2.5, 97.5])
    return float(low), float(high)
