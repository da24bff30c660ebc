"""The videos that the report looks at closely."""

from collections.abc import Mapping, Sequence
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
from avdf.model.report.evidence import Evidence
from avdf.model.report.material import ReportMaterial
from avdf.model.report.origin import Origin
from avdf.model.report.score_strip import strip
from avdf.model.report.timeline_figure import Curve, over_time
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.verdicts import VERDICTS, Verdict, as_columns, from_columns

_MOST_MISTAKES = 12


_MOST_DETAILS = 20  # videos shown with crops and sound


@dataclass(frozen=True)
class Detail:
    """A video that is looked at closely.

    wrong  its verdict is not its label
    facts  of its file, where that was scored itself
    spans  a sentence on spans above a threshold under a verdict `real`
    """

    video: VideoScore
    wrong: bool
    picture: Markup
    faces: str
    facts: FileFacts | None
    spans: str


def choose_details(
    scores: ScoredVideos,
    evaluation: Evaluation,
    segments: dict[str, list[SegmentRow]],
    material: ReportMaterial,
    origin: Origin | None,
) -> list[Detail]:
    """The worst mistakes, then one right verdict of each kind; of videos without labels, the first of all."""
    threshold = evaluation.thresholds.video
    wrong = [video for video in scores.scored if is_wrong(video)]
    wrong.sort(key=lambda video: -abs((video.probability.video or 0.0) - threshold))
    others: dict[object, VideoScore] = {}
    for video in scores.scored:
        if video.info.label not in (REAL, FAKE):
            others[video.info.id] = video
        elif video.verdict.video and not is_wrong(video):
            others.setdefault((video.info.label, video.info.category), video)
    chosen = [
        *((video, True) for video in wrong[:_MOST_MISTAKES]),
        *((video, False) for video in others.values()),
    ]
    return [
        Detail(
            video,
            mistaken,
            _picture(video, scores, evaluation, segments.get(video.info.id, []), evidence, origin),
            "" if evidence is None else _faces(evidence),
            material.facts.get(video.info.id),
            _spans_under_real(video, scores, evaluation),
        )
        for video, mistaken in chosen[:_MOST_DETAILS]
        for evidence in [material.evidence_of(video.info.id)]
    ]


def _faces(evidence: Evidence) -> str:
    spans = ", ".join(f"{face.start:.2f}–{face.end:.2f} s" for face in evidence.faces[:8])
    more = f" and {len(evidence.faces) - 8} more" if len(evidence.faces) > 8 else ""
    people = "" if evidence.people is None else f"; people in the picture: {evidence.people}"
    return f"Face followed at {spans}{more}{people}."


def is_wrong(video: VideoScore) -> bool:
    """Whether a video's verdict is not its label; nothing is wrong where nothing is said."""
    said = video.verdict.video in ("real", "fake") and video.info.label in (REAL, FAKE)
    return said and (video.verdict.video == "fake") != (video.info.label == FAKE)


def _picture(
    video: VideoScore,
    scores: ScoredVideos,
    evaluation: Evaluation,
    segments: Sequence[SegmentRow],
    evidence: Evidence | None,
    origin: Origin | None,
) -> Markup:
    if evidence is None:
        return strip(segments) if segments else Markup("")
    timelines = scores.timelines.get(video.info.id, ())
    if timelines:
        times = _apart([timeline.times for timeline in timelines])
        fake = _apart([as_columns(timeline.fake) for timeline in timelines])
        apart = _apart([timeline.distance for timeline in timelines])
    else:  # a step for each segment
        values = np.array([tuple(row.probability) for row in segments], np.float64)
        if origin:
            values = as_columns(origin.judgement.calibrated(from_columns(values)))
        far = [before.end + 1 / FRAME_RATE < after.start for before, after in pairwise(segments)]
        runs = np.split(
            np.arange(len(segments)), np.flatnonzero(far) + 1
        )  # of segments that follow each other
        times = _apart(
            [
                np.array([(segments[at].start, segments[at].end - 1e-3) for at in own]).ravel()
                for own in runs
            ]
        )
        fake = _apart([np.repeat(values[own], 2, axis=0) for own in runs])
        distances = np.array([row.distance for row in segments], np.float64)
        apart = _apart([np.repeat(distances[own], 2) for own in runs])
    curves = [
        Curve(name, times, fake[:, which])
        for which, name in enumerate(VERDICTS)
        if not np.isnan(fake[:, which]).all()
    ]
    suspect = (
        _suspect(video, scores, evaluation) if video.verdict.video else {}
    )  # no accusation without a verdict
    known = true_intervals(scores.periods.get(video.info.id, ()), "video")
    return over_time(
        evidence,
        curves,
        Curve("distance", times, apart),
        evaluation.thresholds.as_dict(),
        {str(name): own for name, own in suspect.items()},
        known,
    )


def _apart(parts: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Parts one after another, with NaN between two: no line is drawn from one to the next."""
    gap = np.full((1, *parts[0].shape[1:]), np.nan)
    return np.concatenate([piece for part in parts for piece in (part, gap)][:-1])


def _suspect(
    video: VideoScore, scores: ScoredVideos, evaluation: Evaluation
) -> Mapping[Verdict, tuple[TimeInterval, ...]]:
    """Where each verdict lies above its threshold."""
    timelines = scores.timelines.get(video.info.id, ())
    return {
        name: suspect_intervals(timelines, name, evaluation.thresholds[name]) for name in VERDICTS
    }


def _spans_under_real(video: VideoScore, scores: ScoredVideos, evaluation: Evaluation) -> str:
    """`picture above its threshold at ...: the verdict ...`; '' where no span contradicts a verdict `real`."""
    words = {"video": "video", "visual": "picture", "audio": "sound"}
    spans = [
        f"{words[name]} above its threshold at "
        + ", ".join(f"{one.start:.2f}–{one.end:.2f} s" for one in own[:6])
        + (f" and {len(own) - 6} more" if len(own) > 6 else "")
        for name, own in _suspect(video, scores, evaluation).items()
        if own and video.verdict[name] == "real"
    ]
    return f"{'; '.join(spans)}: {SPANS_UNDER_REAL}." if spans else ""
