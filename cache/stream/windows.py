"""Windows: which 16 rows of a shard make one segment to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.stream.index import VideoRef

NOT_STORED = -1  # the segment number of a window whose log-mel no shard stores


@dataclass(frozen=True)
class Window:
    """One segment to read.

    video    the number by which the caller knows its video
    shard    the file to read it from
    row      its first row in `/frames`
    segment  its row in `/segments`, or `NOT_STORED`
    track    the number of its track in the video; 0 in training, where nobody asks for it
    """

    video: int
    shard: Path
    row: int
    segment: int = NOT_STORED
    track: int = 0


def scoring_windows(
    videos: Sequence[VideoRef], most: int = 0, skip: Sequence[int] = ()
) -> list[Window]:
    """The non-overlapping windows of each video.

    Args:
        most: at most so many windows of each video, spread evenly over it; 0: all.
        skip: rows to leave out at the start of each video, unless its first track would then have
            no window left. Windows that are not stored segments have no stored log-mel.
    """
    windows: list[Window] = []
    for number, video in enumerate(videos):
        all_windows = _windows_of(video, number, skip[number] if skip else 0)
        if most and len(all_windows) > most:
            last = len(all_windows) - 1
            evenly = np.linspace(0, last, most).round().astype(int)
            all_windows = [all_windows[which] for which in np.unique(evenly)]
        windows += all_windows
    return windows


def _windows_of(video: VideoRef, number: int, skip: int) -> list[Window]:
    stored = [
        Window(
            video=number,
            shard=video.shard,
            row=segment.row,
            segment=segment.number,
            track=video.track_at(segment.row),
        )
        for segment in video.segments
    ]
    first = video.tracks[0]
    if not skip or first.start > 0 or first.rows - skip < SEGMENT_FRAMES:
        return stored
    # The first track is divided anew, from the first row after the skipped ones.
    starts = range(first.row + skip, first.end - SEGMENT_FRAMES + 1, SEGMENT_FRAMES)
    shifted = [Window(number, video.shard, row) for row in starts]
    later = [window for window in stored if not first.row <= window.row < first.end]
    return shifted + later


def in_batches(windows: Sequence[Window], size: int) -> list[Sequence[Window]]:
    """Consecutive batches of at most `size` windows."""
    starts = range(0, len(windows), size)
    return [windows[start : start + size] for start in starts]
