"""Metrics of P(fake) against labels, with scikit-learn. 1 is fake.

Videos with an unknown label or without a score are left out everywhere.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Metrics:
    """Metrics of one verdict over a set of videos. Those that need both classes may be None.

    accuracy_at_half        at a threshold of 0.5
    accuracy                at `threshold`, the one from validation
    balanced_accuracy       at `threshold`: mean of the accuracies on real and on fake videos
    all_fake_accuracy       of calling every video fake: what `accuracy` has to beat
    average_precision       with fake as the class that is looked for
    average_precision_real  with real as the class that is looked for
    equal_error_rate        where the false positive rate equals the false negative rate
    calibration_error       expected calibration error over 15 bins of equal width
    """

    videos: int
    real: int
    fake: int
    threshold: float
    accuracy_at_half: float | None
    accuracy: float | None
    balanced_accuracy: float | None
    all_fake_accuracy: float | None
    average_precision: float | None
    average_precision_real: float | None
    auc: float | None
    equal_error_rate: float | None
    calibration_error: float | None


def compute_metrics(
    labels: Labels,
    scores: Scores,
    threshold: float = 0.5,
) -> Metrics:
    """All metrics of P(fake) `scores` (n,) against `labels` (n,): 0 real, 1 fake, -1 unknown."""
    labels, scores = known(labels, scores)
    is_real = labels == REAL
    is_fake = labels == FAKE
    real = int(is_real.sum())
    fake = int(is_fake.sum())
    any_video = real + fake > 0
    both = real > 0 and fake > 0
    right_at_half = (scores >= 0.5) == labels
    right = (scores >= threshold) == labels

    balanced = precision = precision_real = equal_error_rate = None
    if both:
        # Imported late: a verdict on one file needs no metrics.
        from sklearn.metrics import average_precision_score

        on_real = right[is_real].mean()
        on_fake = right[is_fake].mean()
        balanced = float((on_real + on_fake) / 2)
        precision = float(average_precision_score(labels, scores))
        precision_real = float(average_precision_score(1 - labels, -scores))
        equal_error_rate = _equal_error_rate(labels, scores)
    return Metrics(
        videos=real + fake,
        real=real,
        fake=fake,
        threshold=threshold,
        accuracy_at_half=float(right_at_half.mean()) if any_video else None,
        accuracy=float(right.mean()) if any_video else None,
        balanced_accuracy=balanced,
        all_fake_accuracy=fake / (real + fake) if any_video else None,
        average_precision=precision,
        average_precision_real=precision_real,
        auc=auc(labels, scores),
        equal_error_rate=equal_error_rate,
        calibration_error=_calibration_error(labels, scores) if any_video else None,
    )


def known(labels: Labels, scores: Scores) -> tuple[Labels, Scores]:
    """Only the videos with a label and a score."""
    kept = np.isin(labels, (REAL, FAKE)) & np.isfinite(scores)
    return labels[kept], scores[kept]


def auc(labels: Labels, scores: Scores) -> float | None:
    """Area under the ROC curve; None where a class is missing."""
    labels, scores = known(labels, scores)
    if not {REAL, FAKE} <= set(labels.tolist()):
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def _equal_error_rate(labels: Labels, scores: Scores) -> float:
    """Where the ROC curve crosses the line on which both errors are equal."""
    from sklearn.metrics import roc_curve

    false_positive, true_positive, _ = roc_curve(labels, scores)
    missed = 1 - true_positive
    after = int(np.argmax(false_positive >= missed))
    if after == 0:
        return float(false_positive[0])

    # The curve is a straight line between the last point before the crossing and the next one.
    before = after - 1
    gap_before = missed[before] - false_positive[before]
    gap_after = missed[after] - false_positive[after]
    share = gap_before / (gap_before - gap_after)
    start, end = false_positive[before], false_positive[after]
    return float(start + share * (end - start))


def _calibration_error(labels: Labels, scores: Scores) -> float:
    """Mean gap between P(fake) and the share of fakes in each bin, weighted by its videos."""
    # A score of exactly 1 belongs to the last bin.
    scaled = (scores * CALIBRATION_BINS).astype(int)
    bins = np.minimum(scaled, CALIBRATION_BINS - 1)
    gaps = []
    for index in np.unique(bins):
        inside = bins == index
        confidence = scores[inside].mean()
        fakes = labels[inside].mean()
        gap = abs(confidence - fakes)
        gaps.append(gap * inside.mean())
    return float(np.sum(gaps))
