"""What leading silence alone tells of videos: a shortcut that a detector may have learned."""

from dataclasses import dataclass

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import auc
from avdf.model.scoring.rows import ScoredVideos


@dataclass(frozen=True)
class SilenceProbe:
    """What leading silence alone tells of these videos: a detector that does no better may have learnt nothing else.

    auc_video, auc_audio  of `the longer the silence at the start, the faker`; far below 0.5 is as telling as far above
    median_*              seconds
    """

    videos: int
    auc_video: float | None
    auc_audio: float | None
    median_real: float | None
    median_fake: float | None
    trimmed: bool


def probe_silence(scores: ScoredVideos) -> SilenceProbe:
    told = [video for video in scores.scored if video.leading_silence is not None]
    seconds = np.array([video.leading_silence for video in told], np.float64)
    labels = {
        name: np.array([getattr(video.info, name) for video in told], np.int64)
        for name in ("label", "label_audio")
    }
    medians = [
        float(np.median(seconds[labels["label"] == label]))
        if (labels["label"] == label).any()
        else None
        for label in (REAL, FAKE)
    ]
    return SilenceProbe(
        videos=len(told),
        auc_video=auc(labels["label"], seconds),
        auc_audio=auc(labels["label_audio"], seconds),
        median_real=medians[0],
        median_fake=medians[1],
        trimmed=scores.trimmed,
    )
