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
from avdf.model.report.missing_sentence import missing_sentence
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
from avdf.model.scoring.face_rows import (
    MOST_SHOWN,
    FaceRow,
    most_important,
    speech_words,
)
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.synchrony.offset_words import REAL_BUT_APART
from avdf.model.synchrony.synchrony import OUT_OF_SYNC
from avdf.model.verdicts import REPORT_ORDER, PerVerdict

_MOST_MISTAKES = 12
_MOST_DETAILS = 20
_MOST_TRACKS = 8
_MOST_SPANS = 6

SuspectIntervals = PerVerdict[tuple[TimeInterval, ...]]
NO_INTERVALS: SuspectIntervals = PerVerdict((), (), ())


@dataclass(frozen=True)
class FaceDetail:
    """One of several persons in a video that is looked at closely.

    figure   the person over time
    speech   a word on whether the person speaks; '' where nobody is seen beside the person
    sync     a sentence on whether lips and sound belong together
    offsets  the offset curve; '' where synchrony was not examined
    """

    row: FaceRow
    figure: Markup
    speech: str
    sync: Markup
    offsets: Markup


@dataclass(frozen=True)
class Detail:
    """A video that is looked at closely.

    wrong    whether its verdict contradicts its label
    figure   the video over time; '' where each of its persons has a figure
    faces    a sentence on when faces were followed; '' where nobody looked
    missing  a sentence on what was not examined of the file; '' where all of it was
    facts    about its file, where single files were scored
    spans    a sentence on intervals above a threshold under a verdict `real`; '' without them
    sync     a sentence on whether picture and sound belong together; '' of another detector
    offsets  the offset curve; '' where synchrony was not examined
    persons  each person of a file that shows several; () for one
    """

    video: VideoScore
    wrong: bool
    figure: Markup
    faces: str
    missing: str
    facts: FileFacts | None
    spans: str
    sync: Markup
    offsets: Markup
    persons: tuple[FaceDetail, ...] = ()


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

    def faces_of(self, video: VideoScore) -> list[FaceRow]:
        return [row for row in self.scores.faces if row.id == video.info.id]

    def suspect(self, timelines: Sequence[Timeline]) -> SuspectIntervals:
        """Where each verdict lies above its threshold."""
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
    persons: tuple[FaceDetail, ...] = ()
    if evidence is not None and evidence.by_face:
        rows = most_important(source.faces_of(video))[:MOST_SHOWN]
        persons = tuple(_person(row, video, source, evidence) for row in rows)
    shown = draw_offsets(video.sync)
    return Detail(
        video=video,
        wrong=is_wrong(video),
        figure=Markup("") if persons else _figure(video, source, evidence),
        # Each person says when it is seen.
        faces="" if evidence is None or persons else _faces_sentence(evidence),
        missing=missing_sentence(video.reason),
        facts=source.material.facts.get(video.info.id),
        spans=_spans_sentence(video, source),
        sync=_sync_sentence(video, source.origin),
        offsets=Markup("") if persons else shown,
        persons=persons,
    )


def has_offsets(detail: Detail) -> bool:
    """Whether synchrony was examined, of the video or of a person in it."""
    return bool(detail.offsets) or any(one.offsets for one in detail.persons)


def _person(
    row: FaceRow, video: VideoScore, source: DetailSource, evidence: Evidence
) -> FaceDetail:
    """One person of a video, with the figure of the time in which the person is seen."""
    timelines = [one for one in source.timelines_of(video) if one.face == row.face]
    own = evidence.by_face[row.face]
    sync = Markup("")
    if source.origin is not None:
        sync = sync_sentence(row.sync, source.origin.judgement.sync)
    return FaceDetail(
        row=row,
        figure=_drawn(video, source, own, timelines, row.sync.examined),
        speech=speech_words(row.speaks),
        sync=sync,
        offsets=draw_offsets(row.sync),
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
    if evidence is None:
        segments = source.segments_of(video)
        return strip(segments) if segments else Markup("")
    timelines = source.timelines_of(video)
    return _drawn(video, source, evidence, timelines, video.sync.examined)


def _drawn(
    video: VideoScore,
    source: DetailSource,
    evidence: Evidence,
    timelines: Sequence[Timeline],
    with_sync: bool,
) -> Markup:
    """The figure of a video, or of one person in it.

    Args:
        timelines: what is drawn; without any, the segments of the video are.
        with_sync: whether synchrony was examined.
    """
    curves = timeline_curves(timelines)
    if curves is None:
        curves = segment_curves(source.segments_of(video), source.origin)

    # Without a verdict nothing is accused: no interval is marked.
    suspect = source.suspect(timelines) if video.verdict.video else NO_INTERVALS
    periods = source.scores.periods.get(video.info.id, ())
    content = VideoTimeline(
        evidence=evidence,
        probability=curves.probability,
        distance=curves.distance,
        # Of a run that has not learned synchrony, its curve would only mislead.
        sync=curves.sync if with_sync else NO_CURVE,
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
    if not evidence.faces:
        return "No face was followed."
    spans = [(face.start, face.end) for face in evidence.faces]
    at_once = ""
    if evidence.faces_at_once is not None:
        at_once = f"; faces at one time: at most {evidence.faces_at_once}"
    return f"A face was followed at {some_spans(spans, _MOST_TRACKS)}{at_once}."


def _spans_sentence(video: VideoScore, source: DetailSource) -> str:
    """Explains a verdict `real` over intervals that lie above its threshold."""
    parts = []
    for verdict in REPORT_ORDER:
        # Of several persons, those of the one on whom the verdict rests.
        several = (video.faces.count or 0) > 1
        own = [
            one
            for one in source.timelines_of(video)
            if not several or one.face == video.faces[verdict]
        ]
        suspect = source.suspect(own)[verdict]
        spans = [(one.start, one.end) for one in suspect]
        if spans and video.verdict[verdict] == "real":
            parts.append(
                f"{verdict} above its threshold at {some_spans(spans, _MOST_SPANS)}"
            )
    return f"{'; '.join(parts)}: {SPANS_UNDER_REAL}." if parts else ""
