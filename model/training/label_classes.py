"""Which of the two classes, real and fake, the labels of the training windows have."""

from collections.abc import Iterable, Sequence

from avdf.cache.stream.index import VideoRef
from avdf.model.forging.forger import Forger
from avdf.model.runs.config import Supervision
from avdf.model.runs.trained import BOTH, Classes
from avdf.model.training.forged_copies import ForgedCopies
from avdf.model.training.window_labels import trained_label, window_label
from avdf.model.verdicts import PerVerdict, labels_of


def find_classes(videos: Sequence[VideoRef], supervision: Supervision) -> Classes:
    """The classes that the windows of these videos have, for each verdict.

    An unknown label (-1) is neither class.
    """
    found: Classes = PerVerdict.of(lambda _: set())
    for video in videos:
        for labels in _window_labels(video, supervision):
            _add(found, labels)
        if all(classes == BOTH for classes in found):
            break
    return found


def with_forged(
    classes: Classes, videos: Sequence[VideoRef], forgers: Sequence[Forger]
) -> Classes:
    """The same classes, and those of the forgeries that can be made of these videos."""
    found: Classes = classes.map(set)
    if not forgers:
        return found
    copies = ForgedCopies(videos, forgers)
    for has_picture, has_audio in {(one.has_picture, one.has_audio) for one in videos}:
        for labels in copies.labels(has_picture, has_audio):
            _add(found, trained_label(labels, has_audio, has_picture))
    return found


def _add(found: Classes, labels: PerVerdict[int]) -> None:
    """Add the labels that are known to the classes."""
    for classes, label in zip(found, labels, strict=True):
        if label in BOTH:
            classes.add(label)


def missing_everywhere(videos: Sequence[VideoRef]) -> str:
    """`picture` or `sound` where none of these videos has that; '' where each is there."""
    if not any(video.has_picture for video in videos):
        return "picture"
    return "" if any(video.has_audio for video in videos) else "sound"


def _window_labels(
    video: VideoRef, supervision: Supervision
) -> Iterable[PerVerdict[int]]:
    """Labels that windows of a video can have."""
    info = video.info
    if supervision != "periods" or not info.periods:
        return [trained_label(labels_of(info), video.has_audio, video.has_picture)]
    # The stored segments show the real parts, the start of each period shows its manipulated part.
    # Both are in file time, as periods are.
    stored = (video.offset + segment.start for segment in video.segments)
    starts = [*stored, *(period.start for period in info.periods)]
    labels = [window_label(info, start) for start in starts]
    return [trained_label(one, video.has_audio, video.has_picture) for one in labels]
