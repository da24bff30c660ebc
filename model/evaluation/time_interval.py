"""A span of a video in seconds, and how much two of them overlap."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeInterval:
    """A span of a video.

    start, end  seconds of the file's own time
    score       how sure it is; 1 for an interval that is known to be manipulated

    Raises:
        ValueError: the interval does not end after it starts.
    """

    start: float
    end: float
    score: float

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"an interval from {self.start} s to {self.end} s")


def overlap(one: TimeInterval, other: TimeInterval) -> float:
    """Intersection over union, in [0, 1]; 0 where the intervals do not meet."""
    inner = min(one.end, other.end) - max(one.start, other.start)

    # Where two intervals meet, their union is the span from the first start to the last end.
    hull = max(one.end, other.end) - min(one.start, other.start)
    return max(0.0, inner) / hull
