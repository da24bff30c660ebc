"""Where in a video: intervals from timelines, and how well they meet the manipulated periods.

Conventions: LAV-DF (Cai et al. 2022) and AV-Deepfake1M (Cai et al. 2024).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.labels import FAKE, UNKNOWN
from avdf.cache.core.video import Period
from avdf.model.inference.segments import VERDICTS
from avdf.model.inference.timeline import Timeline
from avdf.model.metrics import auc

AP_OVERLAPS = (0.5, 0.75, 0.9, 0.95)
AR_OVERLAPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
AR_PROPOSALS = (100, 50, 30, 20, 10, 5)

# Said where spans lie above a threshold and the verdict is `real` all the same.
SPANS_UNDER_REAL = "the verdict is on the score of the whole file, which stays below: a short forgery, or chance, can look so"

_LEVELS = np.linspace(0.05, 0.95, 19)
_JOIN = 5  # frames below the level that do not break a run
_LEAST = 3  # frames of the shortest run
_ALIKE = 0.75  # overlap from which the weaker of two proposals is dropped
_OUTER = 0.25  # of a run's length: the band to each side that it is set against
_MOST = 100

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A span of a video in seconds, with how sure it is."""

    start: float
    end: float
    score: float

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"an interval from {self.start} s to {self.end} s")


def suspect_intervals(
    timelines: Sequence[Timeline], verdict: str, threshold: float
) -> tuple[Interval, ...]:
    """Where P(fake) of a verdict lies at or above a threshold, in order of time; score: the mean inside."""
    return tuple(
        _interval(timeline, first, stop, float(p[first:stop].mean()))
        for timeline, p in _curves(timelines, verdict)
        for first, stop in _runs(p >= threshold)
    )


def proposals(
    timelines: Sequence[Timeline], verdict: str, most: int = _MOST
) -> tuple[Interval, ...]:
    """Candidate intervals, the surest first: runs above each of many levels, of overlapping ones the surest.

    Score: the mean inside less the mean of a band around it (outer-inner contrast; Shou et al. 2018).
    """
    found = [
        _interval(timeline, first, stop, _contrast(p, first, stop))
        for timeline, p in _curves(timelines, verdict)
        for first, stop in {run for level in _LEVELS for run in _runs(p >= level)}
    ]
    kept: list[Interval] = []
    for one in sorted(found, key=lambda interval: (-interval.score, interval.start, interval.end)):
        if all(overlap(one, other) <= _ALIKE for other in kept):
            kept.append(one)
        if len(kept) == most:
            break
    return tuple(kept)


def _curves(timelines: Sequence[Timeline], verdict: str) -> list[tuple[Timeline, Array]]:
    """P(fake) of a verdict along each track that has it."""
    curves = [(timeline, timeline.fake[:, VERDICTS.index(verdict)]) for timeline in timelines]
    return [(timeline, p) for timeline, p in curves if len(p) and not np.isnan(p).any()]


def _interval(timeline: Timeline, first: int, stop: int, score: float) -> Interval:
    return Interval(timeline.start + first / FRAME_RATE, timeline.start + stop / FRAME_RATE, score)


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


def overlap(one: Interval, other: Interval) -> float:
    """Intersection over the hull that both span, which is their union where they meet."""
    inner = min(one.end, other.end) - max(one.start, other.start)
    return max(0.0, inner) / (max(one.end, other.end) - min(one.start, other.start))


@dataclass(frozen=True)
class Localisation:
    """How proposals meet the manipulated periods of one verdict.

    unscored           videos with periods but without a timeline: they miss all of them
    average_precision  at overlaps of 0.5, 0.75, 0.9, 0.95
    average_recall     of the N surest proposals of each video, mean over overlaps of 0.5, 0.55 ... 0.95
    frame_auc          of P(fake) of single frames, over all videos
    """

    videos: int
    unscored: int
    periods: int
    average_precision: Mapping[str, float]
    average_recall: Mapping[str, float]
    frame_auc: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def localisation(
    timelines: Mapping[str, Sequence[Timeline]],
    periods: Mapping[str, Sequence[Period]],
    verdict: str,
) -> Localisation | None:
    """Of all videos; None where no period of this verdict is known, or the verdict was not trained.

    A forged video without a timeline (it could not be scored) misses its periods. A video whose periods do not say
    whether this modality is manipulated takes no part: what would be found there is neither right nor wrong.
    """
    names = [
        name
        for name in dict.fromkeys([*timelines, *periods])
        if verdict == "video" or not unexplained(tuple(periods.get(name, ())), verdict)
    ]
    truth = {name: true_intervals(periods.get(name, ()), verdict) for name in names}
    timelines = {name: timelines[name] for name in names if name in timelines}
    found = {name: proposals(own, verdict) for name, own in timelines.items()}
    if not any(truth.values()) or not any(found.values()):
        return None
    return Localisation(
        videos=len(names),
        unscored=sum(bool(truth[name]) for name in names if name not in timelines),
        periods=sum(map(len, truth.values())),
        average_precision={f"{at:g}": average_precision(found, truth, at) for at in AP_OVERLAPS},
        average_recall={str(most): average_recall(found, truth, most) for most in AR_PROPOSALS},
        frame_auc=_frame_auc(timelines, truth, verdict),
    )


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


def true_intervals(periods: Sequence[Period], verdict: str) -> tuple[Interval, ...]:
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
    return tuple(Interval(start, end, 1.0) for start, end in distinct)


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


def average_precision(
    found: Mapping[str, Sequence[Interval]], truth: Mapping[str, Sequence[Interval]], at: float
) -> float:
    """Area under the interpolated precision-recall curve of all videos' proposals, the surest first.

    Each true interval takes the surest proposal of its video that overlaps it by more than `at` and is not taken. (The
    program of AV-Deepfake1M leaves out the curve's first step, from recall 0: at most one over the number of periods.)
    """
    wanted = sum(map(len, truth.values()))
    if not wanted:
        return float("nan")
    hits: list[tuple[float, bool]] = []
    for name, own in found.items():
        taken: set[int] = set()
        for true in truth.get(name, ()):
            free = (
                which
                for which, one in enumerate(own)
                if which not in taken and overlap(one, true) > at
            )
            taken |= {which for which in [next(free, -1)] if which >= 0}
        hits += [(one.score, which in taken) for which, one in enumerate(own)]
    hits.sort(key=lambda hit: -hit[0])
    right = np.cumsum([hit for _, hit in hits])
    precision, recall = right / np.arange(1, len(hits) + 1), right / wanted
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * best))


def average_recall(
    found: Mapping[str, Sequence[Interval]], truth: Mapping[str, Sequence[Interval]], most: int
) -> float:
    """Share of true intervals that one of the video's `most` surest proposals meets, mean over the overlaps.

    A video without proposals misses all of its periods. (The authors' program leaves such videos out.)
    """
    best = np.array(
        [
            max((overlap(one, true) for one in found.get(name, ())[:most]), default=0.0)
            for name, own in truth.items()
            for true in own
        ]
    )
    return float(np.mean([(best > at).mean() for at in AR_OVERLAPS])) if len(best) else float("nan")


def _frame_auc(
    timelines: Mapping[str, Sequence[Timeline]],
    truth: Mapping[str, Sequence[Interval]],
    verdict: str,
) -> float | None:
    labels, scores = [], []
    for name, own in timelines.items():
        for timeline, p in _curves(own, verdict):
            middle = timeline.times + 0.5 / FRAME_RATE
            inside = np.zeros(len(p), bool)
            for true in truth[name]:
                inside |= (middle >= true.start) & (middle < true.end)
            labels.append(inside.astype(np.int64))
            scores.append(p)
    return auc(np.concatenate(labels), np.concatenate(scores)) if labels else None
