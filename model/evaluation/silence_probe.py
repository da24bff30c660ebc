"""What leading silence alone says about videos: a shortcut that a detector may have learned.

In FakeAVCeleb many fakes begin with silence (Smeu et al. 2025). A detector that does no better than
this probe may have learned nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import Labels, Scores, auc
from avdf.model.scoring.rows import ScoredVideos, VideoScore
from avdf.model.verdicts import labels_of


@dataclass(frozen=True)
class SilenceProbe:
    """How well the length of the leading silence separates fake from real videos.

    videos       how many videos have a known leading silence
    auc_video    AUC of `the longer the silence, the more likely fake`, for the video as a whole;
                 0.5 says nothing, and far below it is as telling as far above
    auc_audio    the same for the audio
    median_real  seconds of silence at the start of the median real video
    median_fake  the same for fake videos
    trimmed      whether leading silence was left out before scoring
    """

    videos: int
    auc_video: float | None
    auc_audio: float | None
    median_real: float | None
    median_fake: float | None
    trimmed: bool


def probe_silence(scores: ScoredVideos) -> SilenceProbe:
    """Compare the leading silence of the scored videos with their labels."""
    videos = [video for video in scores.scored if video.leading_silence is not None]
    seconds = np.array([video.leading_silence for video in videos], np.float64)
    labels = _labels(videos)
    return SilenceProbe(
        videos=len(videos),
        auc_video=auc(labels, seconds),
        auc_audio=auc(_audio_labels(videos), seconds),
        median_real=_median(seconds[labels == REAL]),
        median_fake=_median(seconds[labels == FAKE]),
        trimmed=scores.trimmed,
    )


def _labels(videos: Sequence[VideoScore]) -> Labels:
    labels = [labels_of(video.info).video for video in videos]
    return np.array(labels, np.int64)


def _audio_labels(videos: Sequence[VideoScore]) -> Labels:
    labels = [labels_of(video.info).audio for video in videos]
    return np.array(labels, np.int64)


def _median(seconds: Scores) -> float | None:
    return float(np.median(seconds)) if len(seconds) else None
