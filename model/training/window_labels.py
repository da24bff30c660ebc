"""What a training window is labelled: as its video, or, where the manipulated periods are known, by them."""

from collections.abc import Sequence

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_SECONDS
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import VideoInfo

LEAST_ROWS = 4  # of a window that a period must cover for the window to be fake


def window_label(info: VideoInfo, start: float) -> tuple[int, int, int]:
    """(label, label_visual, label_audio) of the window of 0.64 s from `start` (file time), by the video's periods.

    A video without periods labels all of its windows. A period that does not say which modality is manipulated leaves
    that of the window unknown.
    """
    if not info.periods:
        return info.label, info.label_visual, info.label_audio
    meets = [
        period
        for period in info.periods
        if min(start + SEGMENT_SECONDS, period.end) - max(start, period.start)
        >= LEAST_ROWS / FRAME_RATE - 1e-6
    ]
    visual = _label_of([period.visual for period in meets])
    audio = _label_of([period.audio for period in meets])
    return FAKE if meets else REAL, visual, audio


def _label_of(labels: Sequence[int]) -> int:
    """Of one modality, from the labels of the periods that a window meets."""
    if FAKE in labels:
        return FAKE
    return UNKNOWN if UNKNOWN in labels else REAL
