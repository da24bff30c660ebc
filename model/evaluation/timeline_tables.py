"""`timeline.csv` and `intervals.csv`: every frame of the timelines, and where each verdict lies above its threshold."""

from collections.abc import Iterable
from dataclasses import dataclass

from avdf.model.evaluation.proposals import suspect_intervals
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.verdicts import VERDICTS, as_columns


@dataclass(frozen=True)
class TimelineRow:
    """A line of `timeline.csv`: one frame of a video."""

    id: str
    time: float
    p_visual: float | None
    p_audio: float | None
    p_video: float | None
    distance: float | None


@dataclass(frozen=True)
class IntervalRow:
    """A line of `intervals.csv`: where a verdict's P(fake) lies above its threshold; `score`: the mean inside."""

    id: str
    verdict: str
    start: float
    end: float
    score: float


def timeline_rows(scores: ScoredVideos) -> Iterable[TimelineRow]:
    """Every frame of every timeline."""
    for name, timelines in scores.timelines.items():
        for timeline in timelines:
            columns = (
                timeline.times.tolist(),
                as_columns(timeline.fake).tolist(),
                timeline.distance.tolist(),
            )
            for time, fake, distance in zip(*columns, strict=True):
                values = (or_none(value) for value in (*fake, distance))
                yield TimelineRow(name, round(time, 3), *values)


def interval_rows(scores: ScoredVideos, judgement: Judgement) -> Iterable[IntervalRow]:
    """Where each verdict lies above its threshold; nothing of videos on which no verdict is given."""
    withheld = {video.id for video in scores.scored if judgement.withheld(video.synthetic)}
    for name, timelines in scores.timelines.items():
        for verdict in VERDICTS if name not in withheld else ():
            for one in suspect_intervals(timelines, verdict, judgement.thresholds[verdict]):
                yield IntervalRow(name, verdict, round(one.start, 3), round(one.end, 3), one.score)
