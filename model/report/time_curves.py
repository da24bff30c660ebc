"""The curves of one video over time, from its timelines or from its segments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.model.inference.timeline import Timeline
from avdf.model.report.origin import Origin
from avdf.model.report.timeline_figure import Curve
from avdf.model.scoring.rows import SegmentRow
from avdf.model.verdicts import PerVerdict, Verdict, from_columns

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TimeCurves:
    """What the figure of a video shows over time.

    probability  P(fake) of each verdict
    distance     cosine distance of frames and audio
    sync         D(0) less the median distance over near offsets
    """

    probability: PerVerdict[Curve]
    distance: Curve
    sync: Curve


def timeline_curves(timelines: Sequence[Timeline]) -> TimeCurves | None:
    """Those of all face tracks, frame by frame; None without timelines."""
    if not timelines:
        return None
    times = _joined([timeline.times for timeline in timelines])
    distance = _joined([timeline.distance for timeline in timelines])
    sync = _joined([timeline.sync for timeline in timelines])

    def curve(verdict: Verdict) -> Curve:
        values = _joined([timeline.fake[verdict] for timeline in timelines])
        return Curve(times, values)

    return TimeCurves(PerVerdict.of(curve), Curve(times, distance), Curve(times, sync))


def segment_curves(segments: Sequence[SegmentRow], origin: Origin | None) -> TimeCurves:
    """The same without timelines: a step for each segment, broken where segments are missing.

    Without segments, as of a detector that judges whole videos, the curves have no points.
    """
    count = len(segments)
    columns = np.array([tuple(row.probability) for row in segments], np.float64)
    fake = from_columns(columns.reshape(count, 3))
    if origin:
        fake = origin.judgement.calibrated(fake)
    distances = np.array([row.distance for row in segments], np.float64)
    syncs = np.array([row.sync.sync for row in segments], np.float64)
    runs = list(_unbroken(segments))

    # A step is drawn by its two ends, the last of which lies just before the next step begins.
    ends = np.array([(row.start, row.end - 1e-3) for row in segments]).reshape(count, 2)
    times = _joined([ends[run].ravel() for run in runs])

    def curve(values: Array) -> Curve:
        return Curve(times, _joined([np.repeat(values[run], 2) for run in runs]))

    return TimeCurves(fake.map(curve), curve(distances), curve(syncs))


def _unbroken(segments: Sequence[SegmentRow]) -> Iterator[slice]:
    """Runs of segments that follow each other without a gap."""
    first = 0
    for index, (before, after) in enumerate(pairwise(segments), 1):
        if before.end + 1 / FRAME_RATE < after.start:
            yield slice(first, index)
            first = index
    yield slice(first, len(segments))


def _joined(parts: Sequence[Array]) -> Array:
    """Parts one after another, with NaN between two: no line is drawn from one to the next."""
    pieces = [parts[0]]
    for part in parts[1:]:
        pieces += [np.array([np.nan]), part]
    return np.concatenate(pieces)
