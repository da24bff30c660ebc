"""From scores to `metrics.json`: three verdicts, overall, by type, category and method, with intervals and coverage."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.backbones import BackboneInfo
from avdf.model.evaluation.bootstrap import Interval, bootstrap
from avdf.model.evaluation.localization import Localisation, localisation
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import LABEL_OF
from avdf.model.metrics import Metrics, Thresholds, auc, compute_metrics
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.scoring.rows import Scores, VideoScore

_FAKE_VISUAL = (
    "FVRA-WL",
    "FVFA-FS",
    "FVFA-GAN",
    "FVFA-WL",
)  # the four of Table 2 that AVG-FV is the mean of


@dataclass(frozen=True)
class Decided:
    """Of one verdict: how many videos were left `unsure`, and the accuracy of the others."""

    unsure: int
    decided: int
    accuracy: float | None


@dataclass(frozen=True)
class SilenceProbe:
    """What leading silence alone tells of these videos: a detector that does no better may have learnt nothing else.

    auc_video, auc_audio  of `the longer the silence at the start, the faker`; far below 0.5 is as telling as far above
    median_*              seconds
    """

    videos: int
    auc_video: float | None
    auc_audio: float | None
    median_real: float | None
    median_fake: float | None
    trimmed: bool


@dataclass(frozen=True)
class Judged:
    """Figures of one set of videos, with their 95 % intervals (bootstrap over identities) by name."""

    metrics: Metrics
    intervals: Mapping[str, Interval | None]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self.metrics), "interval_95": dict(self.intervals)}


@dataclass(frozen=True)
class Evaluation:
    """All figures of a scoring run, ready for JSON and for the report.

    by_*  the video verdict on each kind of fake, against the same real videos
    """

    verdicts: Mapping[str, Judged]
    by_type: Mapping[str, Judged]
    by_category: Mapping[str, Judged]
    by_method: Mapping[str, Judged]
    average_fake_visual: Mapping[str, float] | None
    coverage: Mapping[str, int]
    thresholds: Thresholds
    decided: Mapping[str, Decided]
    silence: SilenceProbe
    localisation: Mapping[str, Localisation]

    def as_dict(self) -> dict[str, Any]:
        return {
            **{
                part: {name: judged.as_dict() for name, judged in getattr(self, part).items()}
                for part in ("verdicts", "by_type", "by_category", "by_method")
            },
            "average_fake_visual": self.average_fake_visual,
            "coverage": dict(self.coverage),
            "thresholds": asdict(self.thresholds),
            "decided": {name: asdict(decided) for name, decided in self.decided.items()},
            "silence_probe": asdict(self.silence),
            "localisation": {name: found.as_dict() for name, found in self.localisation.items()},
        }


def evaluate(scores: Scores, thresholds: Thresholds) -> Evaluation:
    """Judge scores. Each type, category and method of fakes is set against the same real videos."""
    videos = scores.scored
    by_category = _by(videos, lambda video: video.category, thresholds)
    found = {name: localisation(scores.timelines, scores.periods, name) for name in LABEL_OF}
    return Evaluation(
        verdicts={name: judge_videos(videos, name, getattr(thresholds, name)) for name in LABEL_OF},
        by_type=_by(videos, type_of, thresholds),
        by_category=by_category,
        by_method=_by(videos, lambda video: video.method, thresholds),
        average_fake_visual=_average_fake_visual(by_category),
        coverage={"listed": len(scores.videos), **Counter(video.status for video in scores.videos)},
        thresholds=thresholds,
        decided={name: _decided(videos, name) for name in LABEL_OF},
        silence=_silence(scores),
        localisation={name: one for name, one in found.items() if one is not None},
    )


def judge_videos(videos: Sequence[VideoScore], verdict: str, threshold: float) -> Judged:
    """Figures of one verdict (`video`, `visual` or `audio`) over some videos."""
    labels, values = _columns(videos, verdict)
    groups = np.array([video.identity or video.id for video in videos], dtype=object)
    return Judged(
        compute_metrics(labels, values, threshold), bootstrap(labels, values, groups, threshold)
    )


def metrics_of(videos: Sequence[VideoScore], verdict: str, threshold: float) -> Metrics:
    """Figures of one verdict without intervals, which take a thousand times as long."""
    return compute_metrics(*_columns(videos, verdict), threshold)


def type_of(video: VideoScore) -> str:
    """`FVRA`: fake video (picture), real audio; '' where a modality is unknown."""
    words = {REAL: "R", FAKE: "F"}
    picture, sound = words.get(video.label_visual), words.get(video.label_audio)
    return f"{picture}V{sound}A" if picture and sound else ""


def _decided(videos: Sequence[VideoScore], name: str) -> Decided:
    column = "verdict" if name == "video" else f"verdict_{name}"
    pairs = [(getattr(video, column), getattr(video, LABEL_OF[name])) for video in videos]
    given = [(verdict, label) for verdict, label in pairs if verdict and label in (REAL, FAKE)]
    sure = [
        (verdict == "fake") == (label == FAKE) for verdict, label in given if verdict != "unsure"
    ]
    return Decided(len(given) - len(sure), len(sure), float(np.mean(sure)) if sure else None)


def _silence(scores: Scores) -> SilenceProbe:
    told = [video for video in scores.scored if video.leading_silence is not None]
    seconds = np.array([video.leading_silence for video in told], np.float64)
    labels = {
        name: np.array([getattr(video, name) for video in told], np.int64)
        for name in ("label", "label_audio")
    }
    medians = [
        float(np.median(seconds[labels["label"] == label]))
        if (labels["label"] == label).any()
        else None
        for label in (REAL, FAKE)
    ]
    return SilenceProbe(
        videos=len(told),
        auc_video=auc(labels["label"], seconds),
        auc_audio=auc(labels["label_audio"], seconds),
        median_real=medians[0],
        median_fake=medians[1],
        trimmed=scores.trimmed,
    )


def metrics_document(
    scores: Scores, evaluation: Evaluation, checkpoint: CheckpointInfo, judgement: Judgement
) -> dict[str, Any]:
    """The content of `metrics.json` of a run's scores."""
    return {
        "checkpoint": {
            "epoch": checkpoint.epoch,
            "step": checkpoint.step,
            "data": dict(checkpoint.data),
            "trained": list(checkpoint.trained),
            "notes": list(checkpoint.notes),
        },
        "backbones": {name: asdict(info) for name, info in checkpoint.backbones.items()},
        "weights_note": weights_note(checkpoint.backbones),
        "rests_on": judgement.rests_on,
        "aggregate": judgement.aggregate,
        "temperatures": dict(judgement.temperatures),
        "abstain": judgement.abstain,
        **figures_document(scores, evaluation),
    }


def figures_document(scores: Scores, evaluation: Evaluation) -> dict[str, Any]:
    """What `metrics.json` says of any detector's scores."""
    return {
        "avdf_version": version("avdf"),
        "split": scores.split or "all",
        "protocol": scores.assignment.as_dict() if scores.assignment else None,
        "trained_on": scores.trained_on,
        "notes": list(scores.notes),
        **evaluation.as_dict(),
    }


def weights_note(backbones: Mapping[str, BackboneInfo]) -> str:
    """A sentence on the weights that figures rest on, '' where they are the foundation models' own."""
    odd = [
        f"{name} {info.architecture} ({info.weights})"
        for name, info in backbones.items()
        if not info.is_real
    ]
    if not odd:
        return ""
    return f"These figures rest on {' and '.join(odd)} weights, not on the foundation models of the paper."


def _columns(videos: Sequence[VideoScore], verdict: str) -> tuple[Any, Any]:
    labels = np.array([getattr(video, LABEL_OF[verdict]) for video in videos], np.int64)
    return labels, np.array([getattr(video, f"p_{verdict}") for video in videos], np.float64)


def _by(
    videos: Sequence[VideoScore], kind: Callable[[VideoScore], str], thresholds: Thresholds
) -> dict[str, Judged]:
    """The video verdict for each kind of fake, against all real videos."""
    real = [video for video in videos if video.label == REAL]
    kinds: dict[str, list[VideoScore]] = {}
    for video in videos:
        if video.label == FAKE and kind(video):
            kinds.setdefault(kind(video), []).append(video)
    return {
        name: judge_videos([*real, *own], "video", thresholds.video)
        for name, own in sorted(kinds.items())
    }


def _average_fake_visual(by_category: Mapping[str, Judged]) -> dict[str, float] | None:
    """AVG-FV of Table 2: the plain mean over the four fake-visual categories, where all are there."""
    found = [by_category[name].metrics for name in _FAKE_VISUAL if name in by_category]
    pairs = [(metrics.average_precision, metrics.auc) for metrics in found]
    if len(pairs) < len(_FAKE_VISUAL) or any(None in pair for pair in pairs):
        return None
    precision, area = np.mean(np.array(pairs, np.float64), axis=0)
    return {"average_precision": float(precision), "auc": float(area)}
