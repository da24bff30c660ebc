"""The manipulated intervals that a verdict should find, from the periods that a dataset lists."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from avdf.cache.core.labels import FAKE, UNKNOWN
from avdf.cache.core.video import Period
from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.verdicts import Verdict


def unexplained(periods: tuple[Period, ...], name: str) -> tuple[Period, ...]:
    """Periods that do not say whether the modality `name` (`visual` or `audio`) is manipulated.

    A dataset may list the spans of each modality and, beside them, one of the whole without any: that one is explained
    by the spans that it meets.
    """
    known: Sequence[Period] = sorted(
        (one for one in periods if getattr(one, name) != UNKNOWN), key=lambda one: one.start
    )
    starts = [one.start for one in known]
    latest = list(
        accumulate((one.end for one in known), max)
    )  # end of all that start no later than each

    def explained(span: Period) -> bool:
        before = bisect_left(starts, span.end)
        return before > 0 and latest[before - 1] > span.start

    return tuple(one for one in periods if getattr(one, name) == UNKNOWN and not explained(one))


def true_intervals(periods: Sequence[Period], verdict: Verdict) -> tuple[TimeInterval, ...]:
    """The periods that a verdict should find, equal ones once: of its modality, or, for the video, all of them.

    A dataset may list spans of each modality and, beside them, one of the whole whose modalities are unknown: for the
    video that one counts, not the spans within it.
    """
    spans = [period for period in periods if period.end > period.start]
    if verdict == "video":
        inner = _parts_of_wholes(spans)
        wanted = [span for span in spans if span not in inner]
    else:
        wanted = [span for span in spans if getattr(span, verdict) == FAKE]
    distinct = dict.fromkeys((span.start, span.end) for span in wanted)
    return tuple(TimeInterval(start, end, 1.0) for start, end in distinct)


def _parts_of_wholes(spans: Sequence[Period]) -> set[Period]:
    """Spans with a known modality that lie within one of which none is known."""
    known = {span for span in spans if FAKE in (span.visual, span.audio)}
    wholes = sorted((span.start, span.end) for span in spans if span not in known)
    # the latest end of all wholes that start no later than each: one look-up tells whether any of them holds a span
    starts = [start for start, _ in wholes]
    latest = list(accumulate((end for _, end in wholes), max))
    return {
        span
        for span in known
        if (before := bisect_right(starts, span.start)) and latest[before - 1] >= span.end
    }
