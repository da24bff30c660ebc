"""The figures of one verdict over a set of videos."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from avdf.model.evaluation.bootstrap import ConfidenceInterval, bootstrap
from avdf.model.metrics import Metrics, compute_metrics
from avdf.model.scoring.rows import VideoScore
from avdf.model.verdicts import Verdict, labels_of


@dataclass(frozen=True)
class VerdictMetrics:
    """Figures of one set of videos, with their 95 % intervals (bootstrap over identities) by name."""

    metrics: Metrics
    intervals: Mapping[str, ConfidenceInterval | None]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self.metrics), "interval_95": dict(self.intervals)}


def measure_verdict(
    videos: Sequence[VideoScore], verdict: Verdict, threshold: float
) -> VerdictMetrics:
    """Figures of one verdict (`video`, `visual` or `audio`) over some videos."""
    labels, values = _columns(videos, verdict)
    groups = np.array([video.info.identity or video.info.id for video in videos], dtype=object)
    return VerdictMetrics(
        compute_metrics(labels, values, threshold), bootstrap(labels, values, groups, threshold)
    )


def metrics_of(videos: Sequence[VideoScore], verdict: Verdict, threshold: float) -> Metrics:
    """Figures of one verdict without intervals, which take a thousand times as long."""
    return compute_metrics(*_columns(videos, verdict), threshold)


def _columns(videos: Sequence[VideoScore], verdict: Verdict) -> tuple[Any, Any]:
    labels = np.array([labels_of(video.info)[verdict] for video in videos], np.int64)
    return labels, np.array([video.probability[verdict] for video in videos], np.float64)
