"""Intervals found in timelines: where a verdict lies above its threshold, and proposals."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.model.evaluation.time_interval import TimeInterval, overlap
from avdf.model.inference.timeline import Timeline
from avdf.model.verdicts import Verdict

# Explains intervals above a threshold to the reader of a video whose verdict is `real`.
SPANS_UNDER_REAL = (
    "the verdict rests on the score of the whole file, which stays below the threshold; "
    "a short forgery, or chance, can look like this"
)

# A proposal is a run of frames above one of these levels of P(fake).
_LEVELS = np.linspace(0.05, 0.95, 19)
# A dip of at most this many frames does not end a run: blinks and turned heads last as long.
_LONGEST_GAP = 5
# A run of fewer frames is noise.
_SHORTEST_RUN = 3
# The weaker of two proposals is dropped where they overlap by more than this.
_SAME_PROPOSAL = 0.75
# Width of the band on each side that a proposal is compared with, as a share of its length.
_OUTER_BAND = 0.25
# AR@100 is the largest number of proposals that the benchmarks ask for.
_MOST_PROPOSALS = 100

Array = npt.NDArray[np.float64]
Run = tuple[int, int]  # first frame, and the frame after the last


def suspect_intervals(
    timelines: Sequence[Timeline], verdict: Verdict, threshold: float
) -> tuple[TimeInterval, ...]:
    """Where P(fake) lies at or above a threshold, track by track in order of time.

    The score of an interval is the mean P(fake) inside.
    """
    found = []
    for timeline, p in known_curves(timelines, verdict):
        for run in _runs(p >= threshold):
            score = float(p[slice(*run)].mean())
            found.append(_interval(timeline, run, score))
    return tuple(found)


def proposals(
    timelines: Sequence[Timeline], verdict: Verdict, most: int = _MOST_PROPOSALS
) -> tuple[TimeInterval, ...]:
    """At most `most` intervals that may be manipulated, the surest first.

    Candidates are the runs of frames above each of many levels, so that no threshold has to be
    chosen. Their score is the mean inside less the mean just outside, the outer-inner contrast of
    AutoLoc (Shou et al. 2018). Of candidates that overlap, only the surest is kept.
    """
    candidates = []
    for timeline, p in known_curves(timelines, verdict):
        # A steep edge gives the same run at several levels: the set keeps one of them.
        runs = {run for level in _LEVELS for run in _runs(p >= level)}
        candidates += [_interval(timeline, run, _contrast(p, run)) for run in runs]
    candidates.sort(key=lambda one: (-one.score, one.start, one.end))

    # Greedy non-maximum suppression, from the surest candidate down.
    kept: list[TimeInterval] = []
    for candidate in candidates:
        if all(overlap(candidate, other) <= _SAME_PROPOSAL for other in kept):
            kept.append(candidate)
        if len(kept) == most:
            break
    return tuple(kept)


def known_curves(
    timelines: Sequence[Timeline], verdict: Verdict
) -> list[tuple[Timeline, Array]]:
    """P(fake) of a verdict along each track that has it, frame by frame."""
    curves = [(timeline, timeline.fake[verdict]) for timeline in timelines]
    return [(timeline, p) for timeline, p in curves if len(p) and not np.isnan(p).any()]


def _interval(
    timeline: Timeline,
    run: Run,
    score: float,
) -> TimeInterval:
    first, stop = run
    start = timeline.start + first / FRAME_RATE
    end = timeline.start + stop / FRAME_RATE
    return TimeInterval(start, end, score)


def _runs(high: npt.NDArray[np.bool_]) -> list[Run]:
    """Stretches of frames that are high; short gaps are closed, short runs are left out."""
    # A difference of the mask, with a low frame added at each end, is not 0 just where a run
    # starts and where it stops: the edges come in pairs.
    padded = np.concatenate([[0], high.astype(np.int8), [0]])
    changes = np.flatnonzero(np.diff(padded))
    edges = changes.reshape(-1, 2).tolist()

    joined: list[Run] = []
    for first, stop in edges:
        if joined and first - joined[-1][1] <= _LONGEST_GAP:
            begun, _ = joined.pop()
            joined.append((begun, stop))
        else:
            joined.append((first, stop))
    return [(first, stop) for first, stop in joined if stop - first >= _SHORTEST_RUN]


def _contrast(p: Array, run: Run) -> float:
    """Mean P(fake) inside a run less the mean in a band on both sides of it."""
    first, stop = run
    band = max(1, round((stop - first) * _OUTER_BAND))
    before = p[max(0, first - band) : first]
    after = p[stop : stop + band]
    outer = np.concatenate([before, after])
    # A run that fills the whole track has nothing outside: it is compared with certainly real.
    outside = outer.mean() if len(outer) else 0.0
    inside = p[first:stop].mean()
    return float(inside - outside)
