"""Manipulated periods: as text in a table, and those that do not say whether picture or sound is manipulated."""

import json
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from avdf.cache.video import UNKNOWN, Period


def periods_text(periods: Sequence[Period]) -> str:
    """JSON `[[start, end, visual, audio], ...]`; '' without periods."""
    return json.dumps([[one.start, one.end, one.visual, one.audio] for one in periods]) if periods else ""


def parse_periods(text: str) -> tuple[Period, ...]:
    """What `periods_text` wrote.

    Raises:
        ValueError: it did not.
    """
    try:
        rows = json.loads(text) if text else []
        return tuple(Period(float(start), float(end), int(visual), int(audio)) for start, end, visual, audio in rows)
    except (TypeError, RecursionError):
        raise ValueError(f"{text[:80]!r} is not a list of periods") from None


def unexplained(periods: tuple[Period, ...], name: str) -> tuple[Period, ...]:
    """Periods that do not say whether the modality `name` (`visual` or `audio`) is manipulated.

    A dataset may list the spans of each modality and, beside them, one of the whole without any: that one is explained
    by the spans that it meets.
    """
    known: Sequence[Period] = sorted(
        (one for one in periods if getattr(one, name) != UNKNOWN), key=lambda one: one.start
    )
    starts = [one.start for one in known]
    latest = list(accumulate((one.end for one in known), max))  # end of all that start no later than each

    def explained(span: Period) -> bool:
        before = bisect_left(starts, span.end)
        return before > 0 and latest[before - 1] > span.start

    return tuple(one for one in periods if getattr(one, name) == UNKNOWN and not explained(one))
