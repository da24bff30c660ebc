"""The video verdict on each kind of fake, against the same real videos."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.evaluation.verdict_metrics import VerdictMetrics, measure_verdict
from avdf.model.scoring.rows import VideoScore
from avdf.model.thresholds import Thresholds

_FAKE_VISUAL = (
    "FVRA-WL",
    "FVFA-FS",
    "FVFA-GAN",
    "FVFA-WL",
)  # the four of Table 2 that AVG-FV is the mean of


def type_of(video: VideoScore) -> str:
    """`FVRA`: fake video (picture), real audio; '' where a modality is unknown."""
    words = {REAL: "R", FAKE: "F"}
    picture, sound = words.get(video.info.label_visual), words.get(video.info.label_audio)
    return f"{picture}V{sound}A" if picture and sound else ""


def fakes_by_kind(
    videos: Sequence[VideoScore], kind: Callable[[VideoScore], str], thresholds: Thresholds
) -> dict[str, VerdictMetrics]:
    """The video verdict for each kind of fake, against all real videos."""
    real = [video for video in videos if video.info.label == REAL]
    kinds: dict[str, list[VideoScore]] = {}
    for video in videos:
        if video.info.label == FAKE and kind(video):
            kinds.setdefault(kind(video), []).append(video)
    return {
        name: measure_verdict([*real, *own], "video", thresholds.video)
        for name, own in sorted(kinds.items())
    }


def average_fake_visual(by_category: Mapping[str, VerdictMetrics]) -> dict[str, float] | None:
    """AVG-FV of Table 2: the plain mean over the four fake-visual categories, where all are there."""
    found = [by_category[name].metrics for name in _FAKE_VISUAL if name in by_category]
    pairs = [(metrics.average_precision, metrics.auc) for metrics in found]
    if len(pairs) < len(_FAKE_VISUAL) or any(None in pair for pair in pairs):
        return None
    precision, area = np.mean(np.array(pairs, np.float64), axis=0)
    return {"average_precision": float(precision), "auc": float(area)}
