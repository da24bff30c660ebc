"""The video verdict on each kind of fake, compared with the same real videos."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.evaluation.verdict_metrics import VerdictMetrics, measure_verdict
from avdf.model.scoring.rows import VideoScore

# The four categories of the paper's Table 2 whose mean is AVG-FV.
_FAKE_VISUAL = ("FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL")

KindOf = Callable[[VideoScore], str]


def type_of(video: VideoScore) -> str:
    """`FVRA` for fake frames and real audio; '' where a modality is unknown."""
    letters = {REAL: "R", FAKE: "F"}
    visual = letters.get(video.info.label_visual)
    audio = letters.get(video.info.label_audio)
    return f"{visual}V{audio}A" if visual and audio else ""


def category_of(video: VideoScore) -> str:
    """The category that the dataset names; '' where it names none."""
    return video.info.category


def method_of(video: VideoScore) -> str:
    """The method that made a fake; '' where the dataset does not name it."""
    return video.info.method


def fakes_by_kind(
    videos: Sequence[VideoScore], kind_of: KindOf, threshold: float
) -> dict[str, VerdictMetrics]:
    """The figures of the video verdict on each kind of fake, each against all real videos.

    Args:
        kind_of: the kind of a video; fakes of kind '' are left out.
        threshold: of the video verdict.
    """
    real = [video for video in videos if video.info.label == REAL]
    kinds: dict[str, list[VideoScore]] = {}
    for video in videos:
        kind = kind_of(video)
        if video.info.label == FAKE and kind:
            kinds.setdefault(kind, []).append(video)
    return {
        kind: measure_verdict([*real, *fakes], "video", threshold)
        for kind, fakes in sorted(kinds.items())
    }


def average_fake_visual(
    by_category: Mapping[str, VerdictMetrics],
) -> dict[str, float] | None:
    """AVG-FV of Table 2: the plain mean over the four fake-visual categories.

    None where a category is missing or has no figures.
    """
    found = [by_category[name].metrics for name in _FAKE_VISUAL if name in by_category]
    pairs = [(metrics.average_precision, metrics.auc) for metrics in found]
    if len(pairs) < len(_FAKE_VISUAL) or any(None in pair for pair in pairs):
        return None
    figures = np.array(pairs, np.float64)
    precision, area = np.mean(figures, axis=0)
    return {"average_precision": float(precision), "auc": float(area)}
