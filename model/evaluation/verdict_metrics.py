"""The figures of one verdict over a set of videos, with their confidence intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from avdf.cache.core.identities import identity_of
from avdf.model.bootstrap import ConfidenceInterval, bootstrap
from avdf.model.metrics import Labels, Metrics, Scores, compute_metrics
from avdf.model.scoring.rows import VideoScore
from avdf.model.verdicts import Verdict, labels_of


@dataclass(frozen=True)
class VerdictMetrics:
    """The figures of one verdict over a set of videos.

    intervals  95 % confidence intervals of some of them, by name; None where one cannot be had
    """

    metrics: Metrics
    intervals: Mapping[str, ConfidenceInterval | None]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self.metrics), "interval_95": dict(self.intervals)}


def measure_verdict(
    videos: Sequence[VideoScore], verdict: Verdict, threshold: float
) -> VerdictMetrics:
    """The figures of one verdict, with confidence intervals."""
    labels, scores = labels_and_scores(videos, verdict)
    # A video whose person is not known stands for itself.
    names = [identity_of(video.info) for video in videos]
    groups = np.array(names, dtype=object)
    metrics = compute_metrics(labels, scores, threshold)
    intervals = bootstrap(labels, scores, groups, threshold)
    return VerdictMetrics(metrics, intervals)


def metrics_of(
    videos: Sequence[VideoScore], verdict: Verdict, threshold: float
) -> Metrics:
    """The figures without confidence intervals, which take a thousand times as long."""
    labels, scores = labels_and_scores(videos, verdict)
    return compute_metrics(labels, scores, threshold)


def labels_and_scores(
    videos: Sequence[VideoScore], verdict: Verdict
) -> tuple[Labels, Scores]:
    """(n,) labels and (n,) P(fake) of one verdict; NaN where it was not scored."""
    labels = [labels_of(video.info)[verdict] for video in videos]
    scores = [video.probability[verdict] for video in videos]
    return np.array(labels, np.int64), np.array(scores, np.float64)
