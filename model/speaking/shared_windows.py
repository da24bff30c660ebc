"""The times at which several faces are seen together, cut into windows of about three seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from avdf.model.speaking.agreement import FEWEST_FRAMES

WINDOW_ROWS = 75  # 3 s at 25 frames per second


@dataclass(frozen=True)
class TrackRows:
    """The rows of one face track, counted from the video's time 0: `first` up to `stop`."""

    first: int
    stop: int


@dataclass(frozen=True)
class SharedWindow:
    """Rows in which the same faces are seen.

    first, stop  the rows: from `first` up to `stop`
    tracks       the indices of the tracks that are there, at least two
    """

    first: int
    stop: int
    tracks: tuple[int, ...]

    @property
    def is_long_enough(self) -> bool:
        """Whether mouths and sound can be compared in it."""
        return self.stop - self.first >= FEWEST_FRAMES


def shared_windows(tracks: Sequence[TrackRows]) -> list[SharedWindow]:
    """All rows in which at least two tracks are there, in windows of about 75 rows."""
    edges = sorted({row for track in tracks for row in (track.first, track.stop)})
    found = []
    # Between two edges nobody comes or goes.
    for first, stop in pairwise(edges):
        there = tuple(
            index
            for index, track in enumerate(tracks)
            if track.first <= first and stop <= track.stop
        )
        if len(there) < 2:
            continue
        count = max(1, round((stop - first) / WINDOW_ROWS))
        bounds = [first + (stop - first) * part // count for part in range(count + 1)]
        for begin, end in pairwise(bounds):
            found.append(SharedWindow(begin, end, there))
    return found
