"""What the validation videos look and sound like: the range of each measure, and the codecs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from avdf.cache.core.video_measures import VideoMeasures

PERCENTS = (1, 5, 50, 95, 99)
_MEDIAN = 50

# Of fewer videos, nobody can tell how far others of their kind would reach.
ENOUGH = 20


@dataclass(frozen=True)
class MeasureRange:
    """The values of one measure in the reference videos.

    count      how many videos have it
    quantiles  below which 1, 5, 50, 95 and 99 % of them lie. Those below the median are rounded
               down to the value of a video, those above it up: of up to 100 videos, the first and
               the last are the least and the largest value

    Raises:
        ValueError: values that no videos can have, as of a file that somebody has changed.
    """

    count: int
    quantiles: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.count < 1 or len(self.quantiles) != len(PERCENTS):
            raise ValueError(f"{len(self.quantiles)} quantiles of {self.count} videos")
        if list(self.quantiles) != sorted(self.quantiles):
            raise ValueError(f"the quantiles {self.quantiles} do not rise")

    @property
    def least(self) -> float:
        """The value below which 1 % of the videos lie."""
        return self.quantiles[0]

    @property
    def most(self) -> float:
        """The value above which 1 % of the videos lie."""
        return self.quantiles[-1]

    @property
    def is_certain(self) -> bool:
        """Whether there are enough videos to say how far they reach."""
        return self.count >= ENOUGH


@dataclass(frozen=True)
class CodecCounts:
    """How many of the reference videos have each codec.

    Raises:
        ValueError: a count that no videos can have, as of a file that somebody has changed.
    """

    videos: Mapping[str, int]

    def __post_init__(self) -> None:
        if not self.videos or min(self.videos.values()) < 1:
            raise ValueError(f"codecs of reference videos are {dict(self.videos)}")

    @property
    def count(self) -> int:
        """How many videos have a codec that is known."""
        return sum(self.videos.values())

    @property
    def is_certain(self) -> bool:
        """Whether there are enough videos to say which codecs they have."""
        return self.count >= ENOUGH


@dataclass(frozen=True)
class ReferenceVideos:
    """What the videos look and sound like that likelihood ratios rest on.

    videos  how many were measured
    ranges  of each measure, by its name in `VideoMeasures`; those that no video has are left out
    codecs  the same of `video_codec` and `audio_codec`
    """

    videos: int
    ranges: Mapping[str, MeasureRange]
    codecs: Mapping[str, CodecCounts] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As checkpoints keep it."""
        ranges = {name: asdict(one) for name, one in self.ranges.items()}
        codecs = {name: dict(one.videos) for name, one in self.codecs.items()}
        return {"videos": self.videos, "ranges": ranges, "codecs": codecs}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "ReferenceVideos":
        """The same from what a checkpoint keeps.

        Raises:
            ValueError, KeyError, TypeError: it is no such content.
        """
        ranges = {
            # JSON has no tuples.
            name: MeasureRange(one["count"], tuple(one["quantiles"]))
            for name, one in content["ranges"].items()
        }
        # Runs of earlier versions did not keep the codecs.
        codecs = {
            name: CodecCounts(counts)
            for name, counts in content.get("codecs", {}).items()
        }
        return cls(content["videos"], ranges, codecs)


def summarise(measures: Sequence[VideoMeasures]) -> ReferenceVideos | None:
    """The ranges and codecs of some videos; None where there is no video."""
    if not measures:
        return None
    ranges = {}
    columns = [one.numbers for one in measures]
    for name in columns[0]:
        values = [one[name] for one in columns]
        known = [value for value in values if value is not None]
        if known:
            ranges[name] = _range(known)
    return ReferenceVideos(len(measures), ranges, _codecs(measures))


def _codecs(measures: Sequence[VideoMeasures]) -> dict[str, CodecCounts]:
    counted: dict[str, Counter[str]] = {}
    for one in measures:
        for name, codec in one.codecs.items():
            counted.setdefault(name, Counter())[codec] += 1
    return {name: CodecCounts(dict(counts)) for name, counts in counted.items()}


def _range(values: Sequence[float]) -> MeasureRange:
    def quantile(percent: int) -> float:
        if percent == _MEDIAN:
            return float(np.median(values))
        # Outward: a file that equals one of a few reference videos is like them.
        if percent < _MEDIAN:
            return float(np.percentile(values, percent, method="lower"))
        return float(np.percentile(values, percent, method="higher"))

    return MeasureRange(len(values), tuple(quantile(percent) for percent in PERCENTS))
