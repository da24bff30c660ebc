"""Manipulated periods as text in a table."""

import json
from collections.abc import Sequence

from avdf.cache.core.video import Period


def periods_text(periods: Sequence[Period]) -> str:
    """JSON `[[start, end, visual, audio], ...]`; '' without periods."""
    if not periods:
        return ""
    rows = [
        [period.start, period.end, period.visual, period.audio] for period in periods
    ]
    return json.dumps(rows)


def parse_periods(text: str) -> tuple[Period, ...]:
    """The periods that `periods_text` wrote.

    Raises:
        ValueError: the text is something else.
    """
    try:
        rows = json.loads(text) if text else []
        return tuple(
            Period(float(start), float(end), int(visual), int(audio))
            for start, end, visual, audio in rows
        )
    except (TypeError, RecursionError):
        raise ValueError(f"{text[:80]!r} is not a list of periods") from None
