"""Metrics from scores, computed once, with scikit-learn. 1 = fake; unknown labels and missing scores are left out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from avdf.cache.core.labels import FAKE, REAL

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Metrics:
    """Of one verdict over a set of videos. What needs both classes is None where there is one.

    accuracy_at_half          threshold 0.5
    accuracy                  the validation threshold, as are balanced_accuracy, true and false positive rate
    all_fake_accuracy         of calling everything fake: the baseline that accuracy has to beat
    average_precision, _real  with fake, or real, as the class that is looked for
    calibration_error         expected calibration error, 15 bins of equal width
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


def compute_metrics(labels: Labels, scores: Scores, threshold: float = 0.5) -> Metrics:
    """All metrics of P(fake) `scores` (n,) against `labels` (n,) 0, 1 or -1."""
    labels, scores = known(labels, scores)
    real, fake = int((labels == REAL).sum()), int((labels == FAKE).sum())
    both = real > 0 and fake > 0
    any_video = real + fake > 0
    half, judged = (scores >= 0.5) == labels, (scores >= threshold) == labels
    return Metrics(
        videos=real + fake,
        real=real,
        fake=fake,
        threshold=threshold,
        accuracy_at_half=float(half.mean()) if any_video else None,
        accuracy=float(judged.mean()) if any_video else None,
        balanced_accuracy=float((judged[labels == REAL].mean() + judged[labels == FAKE].mean()) / 2)
        if both
        else None,
        all_fake_accuracy=fake / (real + fake) if any_video else None,
        average_precision=float(average_precision_score(labels, scores)) if both else None,
        average_precision_real=float(average_precision_score(1 - labels, -scores))
        if both
        else None,
        auc=auc(labels, scores),
        equal_error_rate=_equal_error_rate(labels, scores) if both else None,
        calibration_error=_calibration_error(labels, scores) if any_video else None,
    )


def known(labels: Labels, scores: Scores) -> tuple[Labels, Scores]:
    """Only the videos with a label and a score."""
    kept = np.isin(labels, (REAL, FAKE)) & np.isfinite(scores)
    return labels[kept], scores[kept]


def auc(labels: Labels, scores: Scores) -> float | None:
    """Area under the ROC curve, from scores; None with one class."""
    labels, scores = known(labels, scores)
    return float(roc_auc_score(labels, scores)) if len(np.unique(labels)) == 2 else None


def _equal_error_rate(labels: Labels, scores: Scores) -> float:
    false_positive, true_positive, _ = roc_curve(labels, scores)
    missed = 1 - true_positive
    crossing = int(np.argmax(false_positive >= missed))
    if crossing == 0:
        return float(false_positive[0])
    # linear between the two points around the crossing
    before, after = (
        missed[crossing - 1] - false_positive[crossing - 1],
        missed[crossing] - false_positive[crossing],
    )
    share = before / (before - after)
    start, end = false_positive[crossing - 1], false_positive[crossing]
    return float(start + share * (end - start))


def _calibration_error(labels: Labels, scores: Scores) -> float:
    bins = np.minimum((scores * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        abs(scores[bins == index].mean() - labels[bins == index].mean()) * (bins == index).mean()
        for index in np.unique(bins)
    ]
    return float(np.sum(gaps))
