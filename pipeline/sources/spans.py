"""Manipulated spans as the metadata of datasets write them: `[[start, end], ...]` in seconds."""

import math
from typing import Any

Span = tuple[float, float]
"""Start and end in seconds."""


def read_spans(values: Any) -> list[Span]:
    """The spans of a list, each once, in their order; `null` stands for an empty list.

    Raises:
        ValueError: a span is not two numbers that run forward from 0.
    """
    found: dict[Span, None] = {}
    for value in values or ():
        try:
            start, end = (float(edge) for edge in value)
        except (TypeError, ValueError):
            raise ValueError(
                f"the span {value!r} is not [start, end] in seconds"
            ) from None
        if not (0 <= start <= end and math.isfinite(end)):
            raise ValueError(
                f"the span [{start:g}, {end:g}] does not run forward from 0 s"
            )
        found[start, end] = None
    return list(found)
