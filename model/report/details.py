"""The videos that the report looks at closely: the worst mistakes, and some right verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.proposals import SPANS_UNDER_REAL, suspect_intervals
from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.evaluation.true_intervals import true_intervals
from avdf.model.inference.timeline import Timeline
from avdf.model.report.evidence import Evidence
from avdf.model.report.material import ReportMaterial
from avdf.model.report.number_text import some_spans
from avdf.model.report.origin import Origin
from avdf.model.report.score_strip import strip
from avdf.model.report.timeline_figure import Curve, VideoTimeline, draw_timeline
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict, from_columns

_MOST_MISTAKES = 12
_MOST_DETAILS = 20
_MOST_FACES = 8
_MOST_SPANS = 6

Array = npt.NDArray[np.float64]
SuspectIntervals = PerVerdict[tuple[TimeInterval, ...]]
NO_INTERVALS: SuspectIntervals = PerVerdict((), (), ())


@dataclass(frozen=True)
class Detail:
    """A video that is looked at closely.

    wrong   whether its verdict contradicts its label
    figure  the video over time
    faces   a sentence on when faces were followed; '' where nobody looked
    facts   about its file, where single files were scored
    spans   a sentence on intervals above a threshold under a verdict `real`; '' without them
    """

    video: VideoScore
    wrong: bool
    figure: Markup
    faces: str
    facts: FileFacts | None
    spans: str


@dataclass(frozen=True)
class DetailSource:
    """Where the details of a video are taken from.

    segments  id of a video -> its segments
    origin    the run that gave the scores; None where another detector did
    """

    scores: ScoredVideos
    evaluation: Evaluation
    segments: dict[str, list[SegmentRow]]
    material: ReportMaterial
    origin: Origin | None

    def timelines_of(self, video: VideoScore) -> tuple[Timeline, ...]:
        return self.scores.timelines.get(video.info.id, ())

    def segments_of(self, video: VideoScore) -> list[SegmentRow]:
        return self.segments.get(video.info.id, [])

    def suspect(self, video: VideoScore) -> SuspectIntervals:
        """Where each verdict lies above its threshold."""
        timelines = self.timelines_of(video)
        thresholds = self.evaluation.thresholds
        return PerVerdict.of(
            lambda name: suspect_intervals(timelines, name, thresholds[name])
        )


def make_details(source: DetailSource) -> list[Detail]:
    """The chosen videos, the worst mistakes first."""
    chosen = choose_videos(source.scores.scored, source.evaluation.thresholds.video)
    return [_detail(video, source) for video in chosen]


def choose_videos(scored: Sequence[VideoScore], threshold: float) -> list[VideoScore]:
    """The videos to look at closely, at most 20.

    The mistakes that lie farthest from the threshold, then the first right verdict of each kind of
    video, and every video without a label: nobody can tell whether its verdict is right.
    """

    def how_far(video: VideoScore) -> float:
        """From the threshold."""
        return abs((video.probability.video or 0.0) - threshold)

    mistakes = [video for video in scored if is_wrong(video)]
    mistakes.sort(key=lambda video: -how_far(video))
    others: dict[object, VideoScore] = {}
    for video in scored:
        if video.info.label not in (REAL, FAKE):
            others[video.info.id] = video
        elif video.verdict.video and not is_wrong(video):
            kind = (video.info.label, video.info.category)
            others.setdefault(kind, video)
    chosen = [*mistakes[:_MOST_MISTAKES], *others.values()]
    return chosen[:_MOST_DETAILS]


def is_wrong(video: VideoScore) -> bool:
    """Whether a video's verdict contradicts its label; a verdict that is not given is not wrong."""
    verdict = video.verdict.video
    label = video.info.label
    if verdict not in ("real", "fake") or label not in (REAL, FAKE):
        return False
    return (verdict == "fake") != (label == FAKE)


def _detail(video: VideoScore, source: DetailSource) -> Detail:
    evidence = source.material.evidence_of(video.info.id)
    return Detail(
        video=video,
        wrong=is_wrong(video),
        figure=_figure(video, source, evidence),
        faces="" if evidence is None else _faces_sentence(evidence),
        facts=source.material.facts.get(video.info.id),
        spans=_spans_sentence(video, source.suspect(video)),
    )


def _figure(
    video: VideoScore, source: DetailSource, evidence: Evidence | None
) -> Markup:
    """The video over time; where nobody can look at it, its scores alone."""
    segments = source.segments_of(video)
    if evidence is None:
        return strip(segments) if segments else Markup("")
    timelines = source.timelines_of(video)
    if timelines:
        probability, distance = _timeline_curves(timelines)
    else:
        probability, distance = _segment_curves(segments, source.origin)

    # Without a verdict nothing is accused: no interval is marked.
    suspect = source.suspect(video) if video.verdict.video else NO_INTERVALS
    periods = source.scores.periods.get(video.info.id, ())
    content = VideoTimeline(
        evidence=evidence,
        probability=probability,
        distance=distance,
        thresholds=source.evaluation.thresholds,
        suspect=suspect,
        known=true_intervals(periods, "video"),
    )
    return draw_timeline(content)


def _timeline_curves(timelines: Sequence[Timeline]) -> tuple[PerVerdict[Curve], Curve]:
    """P(fake) of each verdict, and the distance, of all face tracks."""
    times = _joined([timeline.times for timeline in timelines])
    distance = _joined([timeline.distance for timeline in timelines])

    def curve(verdict: Verdict) -> Curve:
        values = _joined([timeline.fake[verdict] for timeline in timelines])
        return Curve(times, values)

    return PerVerdict.of(curve), Curve(times, distance)


def _segment_curves(
    segments: Sequence[SegmentRow], origin: Origin | None
) -> tuple[PerVerdict[Curve], Curve]:
    """The same without timelines: a step for each segment, broken where segments are missing."""
    fake = from_columns(
        np.array([tuple(row.probability) for row in segments], np.float64)
    )
    if origin:
        fake = origin.judgement.calibrated(fake)
    distances = np.array([row.distance for row in segments], np.float64)
    runs = list(_unbroken(segments))

    # A step is drawn by its two ends, the last of which lies just before the next step begins.
    ends = np.array([(row.start, row.end - 1e-3) for row in segments])
    times = _joined([ends[run].ravel() for run in runs])

    def curve(values: Array) -> Curve:
        return Curve(times, _joined([np.repeat(values[run], 2) for run in runs]))

    return fake.map(curve), curve(distances)


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


def _faces_sentence(evidence: Evidence) -> str:
    spans = [(face.start, face.end) for face in evidence.faces]
    persons = (
        "" if evidence.people is None else f"; persons in the frame: {evidence.people}"
    )
    return f"A face was followed at {some_spans(spans, _MOST_FACES)}{persons}."


def _spans_sentence(video: VideoScore, suspect: SuspectIntervals) -> str:
    """Explains a verdict `real` over intervals that lie above its threshold."""
    parts = []
    for verdict in REPORT_ORDER:
        spans = [(one.start, one.end) for one in suspect[verdict]]
        if spans and video.verdict[verdict] == "real":
            parts.append(
                f"{verdict} above its threshold at {some_spans(spans, _MOST_SPANS)}"
            )
    return f"{'; '.join(parts)}: {SPANS_UNDER_REAL}." if parts else ""
