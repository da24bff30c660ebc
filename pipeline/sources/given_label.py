"""The label that a caller gives to videos of which the source does not say what they are."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN, label_name
from avdf.cache.core.video import VideoInfo

LABELS = tuple(label_name(label) for label in (REAL, FAKE))


def labelled(videos: Iterable[VideoInfo], label: str) -> Iterator[VideoInfo]:
    """The videos, each without a label with the given one; labels of the source stay.

    Which modality of a fake video is fake stays unknown.

    Args:
        label: `real`, `fake`, or '' for none.
    """
    if not label:
        yield from videos
        return
    value = (REAL, FAKE)[LABELS.index(label)]
    modality = REAL if value == REAL else UNKNOWN
    for video in videos:
        known = {video.label, video.label_visual, video.label_audio} != {UNKNOWN}
        yield (
            video
            if known
            else replace(
                video, label=value, label_visual=modality, label_audio=modality
            )
        )
