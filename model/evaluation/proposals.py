"""Intervals from timelines: where a verdict lies above its threshold, and proposals."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.model.evaluation.time_interval import TimeInterval, overlap
from avdf.model.inference.timeline import Timeline
from avdf.model.verdicts import Verdict

# Said where spans lie above a threshold and the verdict is `real` all the same.
SPANS_UNDER_REAL = "the verdict is on the score of the whole file, which stays below: a short forgery, or chance, can look so"


_LEVELS = np.linspace(0.05, 0.95, 19)


_JOIN = 5  # frames below the level that do not break a run


_LEAST = 3  # frames of the shortest run


_ALIKE = 0.75  # overlap from which the weaker of two proposals is dropped


_OUTER = 0.25  # of a run's length: the band to each side that it is set against


_MOST = 100


Array = npt.NDArray[np.float64]


def suspect_intervals(
    timelines: Sequence[Timeline], verdict: Verdict, threshold: float
) -> tuple[TimeInterval, ...]:
    """Where P(fake) of a verdict lies at or above a threshold, in order of time; score: the mean inside."""
    return tuple(
        _interval(timeline, first, stop, float(p[first:stop].mean()))
        for timeline, p in known_curves(timelines, verdict)
        for first, stop in _runs(p >= threshold)
    )


def proposals(
    timelines: Sequence[Timeline], verdict: Verdict, most: int = _MOST
) -> tuple[TimeInterval, ...]:
    """Candidate intervals, the surest first: runs above each of many levels, of overlapping ones the surest.

    Score: the mean inside less the mean of a band around it (outer-inner contrast; Shou et al. 2018).
    """
    found = [
        _interval(timeline, first, stop, _contrast(p, first, stop))
        for timeline, p in known_curves(timelines, verdict)
        for first, stop in {run for level in _LEVELS for run in _runs(p >= level)}
    ]
    kept: list[TimeInterval] = []
    for one in sorted(found, key=lambda interval: (-interval.score, interval.start, interval.end)):
        if all(overlap(one, other) <= _ALIKE for other in kept):
            kept.append(one)
        if len(kept) == most:
            break
    return tuple(kept)


def known_curves(timelines: Sequence[Timeline], verdict: Verdict) -> list[tuple[Timeline, Array]]:
    """P(fake) of a verdict along each track that has it."""
    curves = [(timeline, timeline.fake[verdict]) for timeline in timelines]
    return [(timeline, p) for timeline, p in curves if len(p) and not np.isnan(p).any()]


def _interval(timeline: Timeline, first: int, stop: int, score: float) -> TimeInterval:
    return TimeInterval(
        timeline.start + first / FRAME_RATE, timeline.start + stop / FRAME_RATE, score
    )


def _runs(high: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, stop) of stretches that are high, short gaps joined, short runs left out."""
    edges = (
        np.flatnonzero(np.diff(np.concatenate([[0], high.astype(np.int8), [0]])))
        .reshape(-1, 2)
        .tolist()
    )
    joined: list[list[int]] = []
    for first, stop in edges:
        if joined and first - joined[-1][1] <= _JOIN:
            joined[-1][1] = stop
        else:
            joined.append([first, stop])
    return [(first, stop) for first, stop in joined if stop - first >= _LEAST]


def _contrast(p: Array, first: int, stop: int) -> float:
    band = max(1, round((stop - first) * _OUTER))
    outer = np.concatenate([p[max(0, first - band) : first], p[stop : stop + band]])
    return float(p[first:stop].mean() - (outer.mean() if len(outer) else 0.0))
