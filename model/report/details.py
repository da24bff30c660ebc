"""The videos that the report looks at closely: the worst mistakes, and some right verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

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
from avdf.model.report.offset_figure import draw_offsets
from avdf.model.report.origin import Origin
from avdf.model.report.score_strip import strip
from avdf.model.report.sync_sentence import sync_sentence
from avdf.model.report.time_curves import segment_curves, timeline_curves
from avdf.model.report.timeline_figure import (
    NO_CURVE,
    VideoTimeline,
    draw_timeline,
)
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.synchrony.offset_words import REAL_BUT_APART
from avdf.model.synchrony.synchrony import OUT_OF_SYNC
from avdf.model.verdicts import REPORT_ORDER, PerVerdict

_MOST_MISTAKES = 12
_MOST_DETAILS = 20
_MOST_FACES = 8
_MOST_SPANS = 6

SuspectIntervals = PerVerdict[tuple[TimeInterval, ...]]
NO_INTERVALS: SuspectIntervals = PerVerdict((), (), ())


@dataclass(frozen=True)
class Detail:
    """A video that is looked at closely.

    wrong    whether its verdict contradicts its label
    figure   the video over time
    faces    a sentence on when faces were followed; '' where nobody looked
    facts    about its file, where single files were scored
    spans    a sentence on intervals above a threshold under a verdict `real`; '' without them
    sync     a sentence on whether picture and sound belong together; '' of another detector
    offsets  the offset curve; '' where synchrony was not examined
    """

    video: VideoScore
    wrong: bool
    figure: Markup
    faces: str
    facts: FileFacts | None
    spans: str
    sync: Markup
    offsets: Markup


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
        sync=_sync_sentence(video, source.origin),
        offsets=draw_offsets(video.sync),
    )


def _sync_sentence(video: VideoScore, origin: Origin | None) -> Markup:
    if origin is None:
        return Markup("")
    sentence = sync_sentence(video.sync, origin.judgement.sync)
    if video.verdict.video == "real" and video.sync.verdict == OUT_OF_SYNC:
        sentence += Markup(" ({}.)").format(REAL_BUT_APART)
    return sentence


def _figure(
    video: VideoScore, source: DetailSource, evidence: Evidence | None
) -> Markup:
    """The video over time; where nobody can look at it, its scores alone."""
    segments = source.segments_of(video)
    if evidence is None:
        return strip(segments) if segments else Markup("")
    timelines = source.timelines_of(video)
    curves = timeline_curves(timelines)
    if curves is None:
        curves = segment_curves(segments, source.origin)

    # Without a verdict nothing is accused: no interval is marked.
    suspect = source.suspect(video) if video.verdict.video else NO_INTERVALS
    periods = source.scores.periods.get(video.info.id, ())
    content = VideoTimeline(
        evidence=evidence,
        probability=curves.probability,
        distance=curves.distance,
        # Of a run that has not learned synchrony, its curve would only mislead.
        sync=curves.sync if video.sync.examined else NO_CURVE,
        sync_line=_sync_line(source.origin),
        thresholds=source.evaluation.thresholds,
        suspect=suspect,
        known=true_intervals(periods, "video"),
    )
    return draw_timeline(content)


def _sync_line(origin: Origin | None) -> float | None:
    calibration = origin.judgement.sync.usable if origin else None
    return calibration.sync_at_threshold if calibration else None


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
