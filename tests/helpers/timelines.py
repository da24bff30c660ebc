"""Timelines of made-up scores."""

from collections.abc import Sequence

import numpy as np

from avdf.model.inference.timeline import Timeline
from avdf.model.verdicts import PerVerdict


def timeline(values: Sequence[float], start: float = 0.0) -> Timeline:
    """The same P(fake) for each verdict, one value a frame, and as distance too."""
    p = np.array(values, np.float64)
    return Timeline(start, PerVerdict.same(p), p, p)


def timeline_with_peak(first: int, stop: int, rows: int = 100) -> Timeline:
    """P(fake) of 0.1, and of 0.9 in the frames from `first` to `stop`."""
    values = np.full(rows, 0.1)
    values[first:stop] = 0.9
    return timeline(values.tolist())
