"""`timeline.csv` and `intervals.csv`: every frame of the timelines, and where each verdict lies above its threshold."""

from collections.abc import Iterable
from dataclasses import dataclass

from avdf.model.evaluation.proposals import suspect_intervals
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.scoring.rows import Probabilities, ScoredVideos
from avdf.model.verdicts import VERDICTS, PerVerdict, as_columns


@dataclass(frozen=True)
class TimelineRow:
    """A line of `timeline.csv`: one frame of a video."""

    id: str
    time: float
    probability: Probabilities
    distance: float | None


@dataclass(frozen=True)
class IntervalRow:
    """A line of `intervals.csv`: where a verdict's P(fake) lies above its threshold; `score`: the mean inside."""

    id: str
    verdict: str
    start: float
    end: float
    score: float


# The columns of `timeline.csv`, and where the value of each stands in a row.
TIMELINE_COLUMNS = {
    "id": "id",
    "time": "time",
    "p_visual": "probability.visual",
    "p_audio": "probability.audio",
    "p_video": "probability.video",
    "distance": "distance",
}


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
                probability = PerVerdict(*(or_none(value) for value in fake))
                yield TimelineRow(name, round(time, 3), probability, or_none(distance))


def interval_rows(scores: ScoredVideos, judgement: Judgement) -> Iterable[IntervalRow]:
    """Where each verdict lies above its threshold; nothing of videos on which no verdict is given."""
    withheld = {
        video.info.id for video in scores.scored if judgement.withheld(video.info.synthetic)
    }
    for name, timelines in scores.timelines.items():
        for verdict in VERDICTS if name not in withheld else ():
            for one in suspect_intervals(timelines, verdict, judgement.thresholds[verdict]):
                yield IntervalRow(name, verdict, round(one.start, 3), round(one.end, 3), one.score)
