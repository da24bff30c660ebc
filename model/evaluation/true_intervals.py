"""The manipulated intervals that a verdict should find, from the periods that a dataset lists.

Datasets list periods in two ways: one for each modality that was changed (AV-Deepfake1M), or one
for the whole forgery, without its modality (LAV-DF). Some list both: a whole beside its parts.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from avdf.cache.core.labels import FAKE, UNKNOWN
from avdf.cache.core.video import Period
from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.verdicts import PerVerdict, Verdict


def true_intervals(
    periods: Sequence[Period], verdict: Verdict
) -> tuple[TimeInterval, ...]:
    """The periods that a verdict should find; of equal ones, one.

    A verdict on a modality should find the periods in which that modality is fake, the verdict on
    the video all of them. Where a whole is listed beside its parts, the video has to find the
    whole.
    """
    periods = [period for period in periods if period.end > period.start]
    if verdict == "video":
        parts = _parts_of_wholes(periods)
        wanted = [period for period in periods if period not in parts]
    else:
        wanted = [period for period in periods if _labels(period)[verdict] == FAKE]
    distinct = dict.fromkeys((period.start, period.end) for period in wanted)
    return tuple(TimeInterval(start, end, 1.0) for start, end in distinct)


def unexplained(periods: Sequence[Period], verdict: Verdict) -> tuple[Period, ...]:
    """Periods that do not say whether the modality of a verdict is manipulated.

    A whole beside its parts is explained by the parts that it meets.
    """
    known: list[Period] = []
    unknown: list[Period] = []
    for period in periods:
        label = _labels(period)[verdict]
        group = unknown if label == UNKNOWN else known
        group.append(period)

    # A whole meets a part just where one of the parts that start before its end is not over yet.
    ends = _LatestEnds(known)
    return tuple(whole for whole in unknown if ends.before(whole.end) <= whole.start)


def _labels(period: Period) -> PerVerdict[int]:
    """What a period says of each verdict: the video is manipulated in every period."""
    return PerVerdict(
        visual=period.visual,
        audio=period.audio,
        video=FAKE,
    )


def _parts_of_wholes(periods: Sequence[Period]) -> set[Period]:
    """Periods of a known modality that lie within a period of unknown ones."""
    parts = {period for period in periods if FAKE in (period.visual, period.audio)}
    ends = _LatestEnds(period for period in periods if period not in parts)

    # A whole contains a part just where one of the wholes that have started by then ends no sooner.
    return {part for part in parts if ends.by(part.start) >= part.end}


class _LatestEnds:
    """The latest end among all periods that have started, in one look-up."""

    def __init__(self, periods: Iterable[Period]) -> None:
        ordered = sorted((period.start, period.end) for period in periods)
        self._starts = [start for start, _ in ordered]
        running = accumulate((end for _, end in ordered), max)
        # The first entry is the answer for a moment at which no period has started.
        self._latest = [float("-inf"), *running]

    def before(self, moment: float) -> float:
        """Among the periods that start before a moment."""
        return self._latest[bisect_left(self._starts, moment)]

    def by(self, moment: float) -> float:
        """Among the periods that start no later than a moment."""
        return self._latest[bisect_right(self._starts, moment)]
