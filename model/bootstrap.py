"""95 % confidence intervals from a bootstrap over identities (Efron 1979, percentile method).

Videos of one person resemble each other. Drawing single videos would take them for independent and
give intervals that are too narrow. Therefore whole identities are drawn, with replacement.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import Labels, Scores

ConfidenceInterval = tuple[float, float]  # low, high
Array = npt.NDArray[np.float64]

NAMES = ("auc", "average_precision", "accuracy", "balanced_accuracy")

# Weights in memory at a time: 64 MB of float64.
_WEIGHTS_AT_ONCE = 1 << 23
# The most identities over all draws: a thousand draws of 100,000. A thousand draws of a million
# identities would take an hour, and their intervals are narrow with fewer draws too.
_MOST_IDENTITIES = 100_000_000
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
    is_labelled = np.isin(labels, (REAL, FAKE))
    kept = is_labelled & np.isfinite(scores)
    labels, scores = labels[kept], scores[kept]
    identities = groups[kept].astype(str)
    names, member = np.unique(identities, return_inverse=True)
    if len(names) < 2:
        return dict.fromkeys(NAMES)
    draws = max(_FEWEST_DRAWS, min(draws, _MOST_IDENTITIES // len(names)))
    generator = np.random.default_rng(seed)

    # A draw is a weight for each video: how often its identity was drawn. The figures of the draw
    # are computed on weighted videos, as if each video were repeated that often.
    figures = []
    for weights in _weights(draws, len(names), member, generator):
        figures.append(_figures(labels, scores, weights, threshold))
    columns = np.concatenate(figures).T
    return {
        name: _interval(values) for name, values in zip(NAMES, columns, strict=True)
    }


@dataclass(frozen=True)
class PairedBootstrap:
    """The difference of two AUCs over the draws.

    interval  95 % of it
    p_value   of two sides: twice the share of draws on the rarer side of 0, at most 1; one draw is
              added to each side, so that no finite number of draws gives 0 (Davison and Hinkley
              1997, Eq. 4.11)
    draws     that have both classes
    groups    how many identities there are. With few of them (less than about 30), intervals are
              too narrow and p-values too small (Cameron, Gelbach and Miller 2008)
    """

    interval: ConfidenceInterval
    p_value: float
    draws: int
    groups: int


def paired_bootstrap(
    labels: Labels,
    first: Scores,
    second: Scores,
    groups: npt.NDArray[np.object_],
    draws: int = 1000,
    seed: int = 0,
) -> PairedBootstrap | None:
    """The AUC of a second detector less that of a first, on the same draws of identities.

    None with fewer than two groups, and where half of the draws lack a class.

    Args:
        labels: (n,) 0 real, 1 fake.
        first, second: (n,) P(fake) that two detectors give the same videos, all of them finite.
        groups: (n,) name of the group that each video belongs to.
    """
    names, member = np.unique(groups.astype(str), return_inverse=True)
    if len(names) < 2:
        return None
    draws = max(_FEWEST_DRAWS, min(draws, _MOST_IDENTITIES // len(names)))
    generator = np.random.default_rng(seed)
    parts = []
    # Both detectors are measured on the same draw: what is hard for both then cancels out.
    for weights in _weights(draws, len(names), member, generator):
        areas = [_areas(labels, scores, weights) for scores in (first, second)]
        parts.append(areas[1] - areas[0])
    # Rounded, so that what is equal but for its last bit lies on neither side of 0.
    differences = np.round(np.concatenate(parts)[:, 0], 12)
    interval = _interval(differences)
    if interval is None:
        return None
    usable = differences[np.isfinite(differences)]
    rarer = min((usable <= 0).sum(), (usable >= 0).sum())
    p_value = min(1.0, 2 * (1 + int(rarer)) / (1 + len(usable)))
    return PairedBootstrap(interval, p_value, len(usable), len(names))


def _areas(labels: Labels, scores: Scores, weights: Array) -> Array:
    """(draws, 1) area under the ROC curve under weights (draws, videos).

    Not finite in draws without one of the classes.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    is_fake = labels[order] == FAKE
    sorted_weights = weights[:, order]
    true_positives = np.cumsum(sorted_weights * is_fake, axis=1)[:, ends]
    false_positives = np.cumsum(sorted_weights * ~is_fake, axis=1)[:, ends]
    with np.errstate(invalid="ignore", divide="ignore"):
        return _area(true_positives, false_positives)


def _weights(
    draws: int,
    groups: int,
    member: npt.NDArray[np.intp],
    generator: np.random.Generator,
) -> Iterator[Array]:
    """(some draws, videos) how often each video was drawn, in parts that fit into memory."""
    at_once = max(1, _WEIGHTS_AT_ONCE // len(member))
    for begin in range(0, draws, at_once):
        size = min(at_once, draws - begin)
        sampled = generator.integers(groups, size=(size, groups))
        counts = np.stack([np.bincount(draw, minlength=groups) for draw in sampled])
        yield counts[:, member].astype(np.float64)


def _figures(
    labels: Labels,
    scores: Scores,
    weights: Array,
    threshold: float,
) -> Array:
    """(draws, 4) AUC, AP, accuracy and balanced accuracy under weights (draws, videos)."""
    order = np.argsort(-scores, kind="stable")

    # Videos of equal score are called fake together: only the last of them ends a step.
    is_last = np.append(np.diff(scores[order]) != 0, True)
    ends = np.flatnonzero(is_last)

    # True and false positives at each step, for all draws at once.
    is_fake = labels[order] == FAKE
    sorted_weights = weights[:, order]
    fake_weights = sorted_weights * is_fake
    real_weights = sorted_weights * ~is_fake
    true_positives = np.cumsum(fake_weights, axis=1)[:, ends]
    false_positives = np.cumsum(real_weights, axis=1)[:, ends]
    # At the last step every video is called fake.
    fakes = true_positives[:, -1:]
    reals = false_positives[:, -1:]

    # Draws without one of the classes divide by zero: their figures are not finite.
    with np.errstate(invalid="ignore", divide="ignore"):
        area = _area(true_positives, false_positives)
        precision = _average_precision(true_positives, false_positives)
        called_fake = scores >= threshold
        accuracy, balanced = _accuracies(labels, called_fake, weights, reals, fakes)
    return np.concatenate([area, precision, accuracy, balanced], axis=1)


def _area(true_positives: Array, false_positives: Array) -> Array:
    """(draws, 1) area under the ROC curve, by trapezia: a tie counts as half right."""
    new_true = np.diff(true_positives, axis=1, prepend=0)
    new_false = np.diff(false_positives, axis=1, prepend=0)
    heights = true_positives - new_true / 2
    area = (new_false * heights).sum(axis=1, keepdims=True)
    fakes = true_positives[:, -1:]
    reals = false_positives[:, -1:]
    return np.asarray(area / (fakes * reals))


def _average_precision(true_positives: Array, false_positives: Array) -> Array:
    """(draws, 1) mean precision over the fakes, as scikit-learn's `average_precision_score`."""
    new_true = np.diff(true_positives, axis=1, prepend=0)
    called_fake = true_positives + false_positives
    precision = np.nan_to_num(true_positives / called_fake)
    fakes = true_positives[:, -1:]
    reals = false_positives[:, -1:]
    found = new_true * precision
    average = found.sum(axis=1, keepdims=True) / fakes
    # Without a real video everything is right: the figure means nothing.
    return np.where(reals > 0, average, np.nan)


def _accuracies(
    labels: Labels,
    called_fake: npt.NDArray[np.bool_],
    weights: Array,
    reals: Array,
    fakes: Array,
) -> tuple[Array, Array]:
    """(draws, 1) accuracy and balanced accuracy."""
    right = weights * (called_fake == labels)
    drawn = weights.sum(axis=1, keepdims=True)
    accuracy = right.sum(axis=1, keepdims=True) / drawn
    right_reals = right[:, labels == REAL].sum(axis=1, keepdims=True)
    right_fakes = right[:, labels == FAKE].sum(axis=1, keepdims=True)
    on_reals = right_reals / reals
    on_fakes = right_fakes / fakes
    return accuracy, (on_reals + on_fakes) / 2


def _interval(values: Array) -> ConfidenceInterval | None:
    """The middle 95 % of the draws."""
    usable = values[np.isfinite(values)]
    if len(usable) < len(values) // 2:
        return None
    low, high = np.percentile(usable, [2.5, 97.5])
    return float(low), float(high)
