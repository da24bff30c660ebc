"""`timeline.csv` and `intervals.csv`: every frame, and where a verdict lies above its threshold."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from avdf.model.evaluation.proposals import suspect_intervals
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.scoring.probabilities import Probabilities
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.verdicts import VERDICTS, PerVerdict, as_columns


@dataclass(frozen=True)
class TimelineRow:
    """A line of `timeline.csv`: one frame of a video.

    time      seconds of the file's own time at which the frame begins
    distance  cosine distance of frame and audio; None where one of them is missing
    sync      D(0) less the median distance over near offsets; None where they were not compared
    face      the number of the person, as in `faces.csv`; None for shards
    """

    id: str
    time: float
    probability: Probabilities
    distance: float | None
    sync: float | None
    face: int | None = None


@dataclass(frozen=True)
class IntervalRow:
    """A line of `intervals.csv`: an interval in which a verdict lies above its threshold.

    score  mean P(fake) inside
    face   the number of the person, as in `faces.csv`; None for shards
    """

    id: str
    verdict: str
    start: float
    end: float
    score: float
    face: int | None = None


# The columns of `timeline.csv`, in their order, and where the value of each stands in a row.
TIMELINE_COLUMNS = {
    "id": "id",
    "time": "time",
    "p_visual": "probability.visual",
    "p_audio": "probability.audio",
    "p_video": "probability.video",
    "distance": "distance",
    "sync": "sync",
    "face": "face",
}


def timeline_rows(scores: ScoredVideos) -> Iterable[TimelineRow]:
    """Every frame of every timeline."""
    for name, timelines in scores.timelines.items():
        for timeline in timelines:
            times = timeline.times.tolist()
            fakes = as_columns(timeline.fake).tolist()
            distances = timeline.distance.tolist()
            syncs = timeline.sync.tolist()
            columns = zip(times, fakes, distances, syncs, strict=True)
            for time, fake, distance, sync in columns:
                probability = PerVerdict(*fake).map(or_none)
                yield TimelineRow(
                    id=name,
                    time=round(time, 3),
                    probability=probability,
                    distance=or_none(distance),
                    sync=or_none(sync),
                    face=timeline.face or None,
                )


def interval_rows(scores: ScoredVideos, judgement: Judgement) -> Iterable[IntervalRow]:
    """Where each verdict lies above its threshold; none of videos whose verdicts are withheld."""
    infos = [video.info for video in scores.scored]
    withheld = {info.id for info in infos if judgement.withheld(info.synthetic)}
    for name, timelines in scores.timelines.items():
        if name in withheld:
            continue
        faces = sorted({timeline.face for timeline in timelines})
        for verdict, face in product(VERDICTS, faces):
            own = [timeline for timeline in timelines if timeline.face == face]
            for one in suspect_intervals(own, verdict, judgement.thresholds[verdict]):
                yield IntervalRow(
                    id=name,
                    verdict=verdict,
                    start=round(one.start, 3),
                    end=round(one.end, 3),
                    score=one.score,
                    face=face or None,
                )
