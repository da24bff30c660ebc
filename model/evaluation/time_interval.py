"""A span of a video in seconds, and how far two of them overlap."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeInterval:
    """A span of a video in seconds, with how sure it is."""

    start: float
    end: float
    score: float

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"an interval from {self.start} s to {self.end} s")


def overlap(one: TimeInterval, other: TimeInterval) -> float:
    """Intersection over the hull that both span, which is their union where they meet."""
    inner = min(one.end, other.end) - max(one.start, other.start)
    return max(0.0, inner) / (max(one.end, other.end) - min(one.start, other.start))
