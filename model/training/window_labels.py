"""The labels of a training window: those of its video or, where they are known, of its periods."""

from collections.abc import Sequence

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_SECONDS
from avdf.cache.core.labels import ABSENT, FAKE, REAL, UNKNOWN, label_alone
from avdf.cache.core.video import Period, VideoInfo
from avdf.model.verdicts import PerVerdict, labels_of

LEAST_ROWS = 4  # rows of a window that a period must cover for the window to be fake
_TOLERANCE = 1e-6  # seconds, of rounding


def window_label(info: VideoInfo, start: float) -> PerVerdict[int]:
    """The labels of the window of 0.64 s that begins at `start`, in seconds of file time.

    A window is fake where a manipulated period of its video covers enough of it. A period that does
    not say which modality is manipulated leaves the label of the modality unknown. The windows of a
    video without periods all have the labels of the video.
    """
    if not info.periods:
        return labels_of(info)
    covering = [period for period in info.periods if _covers(period, start)]
    visual_labels = [period.visual for period in covering]
    audio_labels = [period.audio for period in covering]
    return PerVerdict(
        visual=_label_by(visual_labels),
        audio=_label_by(audio_labels),
        video=FAKE if covering else REAL,
    )


def trained_label(
    labels: PerVerdict[int], has_audio: bool, has_picture: bool = True
) -> PerVerdict[int]:
    """What a window trains: without audio or without a picture, the verdict on the other alone.

    Silence says nothing of whether a voice is real, nor of whether it belongs to the lips; nor does
    a black frame say anything of a face. The label of what is missing is `ABSENT`, and so is that
    of the video, which takes the window out of the comparison of pictures with sounds, too.
    """
    visual, audio, video = labels
    if has_audio and has_picture:
        return labels
    if has_audio:
        return PerVerdict(ABSENT, label_alone(audio, visual, video), ABSENT)
    if has_picture:
        return PerVerdict(label_alone(visual, audio, video), ABSENT, ABSENT)
    return PerVerdict.same(ABSENT)


def _covers(period: Period, start: float) -> bool:
    """Whether a period covers at least `LEAST_ROWS` rows of the window that begins at `start`."""
    shared = min(start + SEGMENT_SECONDS, period.end) - max(start, period.start)
    return shared >= LEAST_ROWS / FRAME_RATE - _TOLERANCE


def _label_by(labels: Sequence[int]) -> int:
    """The label of one modality, from those of the periods that cover a window."""
    if FAKE in labels:
        return FAKE
    return UNKNOWN if UNKNOWN in labels else REAL
