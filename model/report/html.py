"""`report.html`: one file that a reader can open anywhere: figures, curves, every video, what was left out."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.cache.files.atomic_file import write_text
from avdf.model.evaluation.evaluate import Evaluation, weights_note
from avdf.model.evaluation.localization import (
    SPANS_UNDER_REAL,
    Interval,
    suspect_intervals,
    true_intervals,
)
from avdf.model.evaluation.robustness import RobustnessRow
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import VERDICTS
from avdf.model.report.curves import RunCurves, draw_curves
from avdf.model.report.evidence import Evidence
from avdf.model.report.plots import draw_plots
from avdf.model.report.robustness_plot import draw_robustness
from avdf.model.report.timeline_figure import Curve, legend, over_time, strip
from avdf.model.report.words import spelled_out
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.scoring.rows import Scores, SegmentRow, VideoScore

_MOST_MISTAKES = 12
_MOST_DETAILS = 20  # videos shown with crops and sound
_MOST_ROWS = 1500  # of the table of videos; the CSV has all

EvidenceOf = Callable[[str], Evidence | None]


@dataclass(frozen=True)
class Origin:
    """The run that the scores come from: its checkpoint, how it was trained, and how videos were judged."""

    checkpoint: CheckpointInfo
    curves: RunCurves
    judgement: Judgement


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


def write_report(
    path: Path,
    title: str,
    scores: Scores,
    evaluation: Evaluation,
    origin: Origin | None = None,
    evidence_of: EvidenceOf = lambda _: None,
    robustness: Sequence[RobustnessRow] = (),
    facts: Mapping[str, FileFacts] | None = None,
    command: str = "",
) -> None:
    """Write the report. Without `origin`, of scores that another detector gave."""
    environment = Environment(
        loader=PackageLoader("avdf.model.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=_percent,
        number=_number,
        interval=_interval,
        percents=_percents,
        spelled=spelled_out,
        word=label_name,
    )
    segments = _by_video(scores.segments)
    shown = scores.videos[:_MOST_ROWS]
    context: dict[str, Any] = {
        "title": title,
        "version": version("avdf"),
        "scores": scores,
        "evaluation": evaluation,
        "origin": origin,
        "weights_note": weights_note(origin.checkpoint.backbones) if origin else "",
        "verdicts": [name for name in ("video", "visual", "audio") if _given(scores, name)],
        "labelled": any(judged.metrics.videos for judged in evaluation.verdicts.values()),
        "plots": draw_plots(scores, evaluation),
        "judgement": _how(origin.judgement, evaluation) if origin else "",
        "curves": Markup(draw_curves(origin.curves)) if origin else "",
        "details": _details(scores, evaluation, segments, evidence_of, origin, facts or {}),
        "rests_on": origin.judgement.rests_on if origin else "",
        "withheld": _withheld(scores, origin),
        "thresholds": asdict(evaluation.thresholds),
        "names": {"video": "video", "visual": "picture", "audio": "sound"},
        "command": command,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "legend": legend(),
        "rows": [
            (video, strip(segments[video.id]) if video.id in segments else "") for video in shown
        ],
        "hidden": len(scores.videos) - len(shown),
        "robustness": robustness,
        "robustness_plot": Markup(draw_robustness(robustness)) if robustness else "",
        "reasons": Counter(
            (video.status, video.reason) for video in scores.videos if video.status != "ok"
        ).most_common(),
    }
    write_text(path, environment.get_template("report.html.j2").render(context))


def _given(scores: Scores, verdict: str) -> bool:
    return verdict == "video" or any(
        getattr(video, f"p_{verdict}") is not None for video in scores.videos
    )


_AGGREGATES = {
    "mean": "the mean of its segments",
    "logit": "the mean of its segments' logits",
    "top": "the mean of the highest quarter of its segments",
    "lse": "log-mean-exp of its segments' logits",
}


def _how(judgement: Judgement, evaluation: Evaluation) -> str:
    """Sentences on how a video's score came about."""
    text = f"A video's score is {_AGGREGATES[judgement.aggregate]}."
    if any(heat != 1 for heat in judgement.temperatures.values()):
        heats = ", ".join(f"{name} {heat:.2f}" for name, heat in judgement.temperatures.items())
        text += f" Calibrated on validation videos, temperatures: {heats}."
    if judgement.abstain:
        video = evaluation.decided["video"]
        text += (
            f" Within {judgement.abstain:g} of the threshold nothing is said: {video.unsure} videos are unsure; of the "
            f"other {video.decided}, {_percent(video.accuracy)} are right."
        )
    return text


def _by_video(segments: Sequence[SegmentRow]) -> dict[str, list[SegmentRow]]:
    found: dict[str, list[SegmentRow]] = {}
    for segment in segments:
        found.setdefault(segment.id, []).append(segment)
    return found


def _details(
    scores: Scores,
    evaluation: Evaluation,
    segments: dict[str, list[SegmentRow]],
    evidence_of: EvidenceOf,
    origin: Origin | None,
    facts: Mapping[str, FileFacts],
) -> list[Detail]:
    """The worst mistakes, then one right verdict of each kind; of videos without labels, the first of all."""
    threshold = evaluation.thresholds.video
    wrong = [video for video in scores.scored if is_wrong(video)]
    wrong.sort(key=lambda video: -abs((video.p_video or 0.0) - threshold))
    others: dict[object, VideoScore] = {}
    for video in scores.scored:
        if video.label not in (REAL, FAKE):
            others[video.id] = video
        elif video.verdict and not is_wrong(video):
            others.setdefault((video.label, video.category), video)
    chosen = [
        *((video, True) for video in wrong[:_MOST_MISTAKES]),
        *((video, False) for video in others.values()),
    ]
    return [
        Detail(
            video,
            mistaken,
            _picture(video, scores, evaluation, segments.get(video.id, []), evidence, origin),
            "" if evidence is None else _faces(evidence),
            facts.get(video.id),
            _spans_under_real(video, scores, evaluation),
        )
        for video, mistaken in chosen[:_MOST_DETAILS]
        for evidence in [evidence_of(video.id)]
    ]


def _faces(evidence: Evidence) -> str:
    spans = ", ".join(f"{face.start:.2f}–{face.end:.2f} s" for face in evidence.faces[:8])
    more = f" and {len(evidence.faces) - 8} more" if len(evidence.faces) > 8 else ""
    people = "" if evidence.people is None else f"; people in the picture: {evidence.people}"
    return f"Face followed at {spans}{more}{people}."


def is_wrong(video: VideoScore) -> bool:
    """Whether a video's verdict is not its label; nothing is wrong where nothing is said."""
    said = video.verdict in ("real", "fake") and video.label in (REAL, FAKE)
    return said and (video.verdict == "fake") != (video.label == FAKE)


def _picture(
    video: VideoScore,
    scores: Scores,
    evaluation: Evaluation,
    segments: Sequence[SegmentRow],
    evidence: Evidence | None,
    origin: Origin | None,
) -> Markup:
    if evidence is None:
        return strip(segments) if segments else Markup("")
    timelines = scores.timelines.get(video.id, ())
    if timelines:
        times = _apart([timeline.times for timeline in timelines])
        fake = _apart([timeline.fake for timeline in timelines])
        apart = _apart([timeline.distance for timeline in timelines])
    else:  # a step for each segment
        values = np.array(
            [[getattr(row, f"p_{name}") for name in VERDICTS] for row in segments], np.float64
        )
        values = origin.judgement.calibrated(values) if origin else values
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
        _suspect(video, scores, evaluation) if video.verdict else {}
    )  # no accusation without a verdict
    known = true_intervals(scores.periods.get(video.id, ()), "video")
    return over_time(
        evidence,
        curves,
        Curve("distance", times, apart),
        asdict(evaluation.thresholds),
        suspect,
        known,
    )


def _apart(parts: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Parts one after another, with NaN between two: no line is drawn from one to the next."""
    gap = np.full((1, *parts[0].shape[1:]), np.nan)
    return np.concatenate([piece for part in parts for piece in (part, gap)][:-1])


def _suspect(
    video: VideoScore, scores: Scores, evaluation: Evaluation
) -> dict[str, tuple[Interval, ...]]:
    """Where each verdict lies above its threshold."""
    timelines = scores.timelines.get(video.id, ())
    return {
        name: suspect_intervals(timelines, name, getattr(evaluation.thresholds, name))
        for name in VERDICTS
    }


def _spans_under_real(video: VideoScore, scores: Scores, evaluation: Evaluation) -> str:
    """`picture above its threshold at ...: the verdict ...`; '' where no span contradicts a verdict `real`."""
    said = {"video": video.verdict, "visual": video.verdict_visual, "audio": video.verdict_audio}
    words = {"video": "video", "visual": "picture", "audio": "sound"}
    spans = [
        f"{words[name]} above its threshold at "
        + ", ".join(f"{one.start:.2f}–{one.end:.2f} s" for one in own[:6])
        + (f" and {len(own) - 6} more" if len(own) > 6 else "")
        for name, own in _suspect(video, scores, evaluation).items()
        if own and said[name] == "real"
    ]
    return f"{'; '.join(spans)}: {SPANS_UNDER_REAL}." if spans else ""


def _withheld(scores: Scores, origin: Origin | None) -> str:
    """Why there is no verdict on some videos, and on how many."""
    if origin is None:
        return ""
    reasons = Counter(origin.judgement.withheld(video.synthetic) for video in scores.scored)
    told = [
        f"No verdict on {count} of {len(scores.videos)} videos: {why}."
        for why, count in reasons.items()
        if why
    ]
    return " ".join(told)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _percents(pair: tuple[float, float] | None) -> str:
    return "" if pair is None else f"{100 * pair[0]:.1f} – {100 * pair[1]:.1f} %"


def _interval(pair: tuple[float, float] | None) -> str:
    return "" if pair is None else f"{pair[0]:.3f} – {pair[1]:.3f}"
