"""Which classes the training windows have, and the losses that such windows can train."""

from collections.abc import Iterable, Sequence

from avdf.cache.stream.index import VideoRef
from avdf.model.runs.config import Supervision
from avdf.model.runs.trained import BOTH, Classes
from avdf.model.training.window_labels import window_label


def find_classes(videos: Sequence[VideoRef], supervision: Supervision) -> Classes:
    """Which classes the windows of these videos have, for each verdict. Unknown labels (-1) count for nothing."""
    found: Classes = {"video": set(), "visual": set(), "audio": set()}
    for video in videos:
        for labels in _window_labels(video, supervision):
            for seen, label in zip(found.values(), labels, strict=True):
                if label in BOTH:
                    seen.add(label)
        if all(seen == BOTH for seen in found.values()):
            break
    return found


def _window_labels(video: VideoRef, supervision: Supervision) -> Iterable[tuple[int, int, int]]:
    """(label, label_visual, label_audio) that windows of a video can have."""
    info = video.info
    if supervision != "periods" or not info.periods:
        return [(info.label, info.label_visual, info.label_audio)]
    # The stored segments show the real parts, the start of each period shows its forged part.
    # Both in the file's own time, as periods are.
    stored = (video.offset + segment.start for segment in video.segments)
    starts = [*stored, *(period.start for period in info.periods)]
    return [window_label(info, start) for start in starts]
