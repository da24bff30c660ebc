"""From scores to `metrics.json`: three verdicts, overall, by type, category and method, with intervals and coverage."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.evaluation.kinds import average_fake_visual, fakes_by_kind, type_of
from avdf.model.evaluation.localisation import Localisation, localisation
from avdf.model.evaluation.silence_probe import SilenceProbe, probe_silence
from avdf.model.evaluation.verdict_metrics import VerdictMetrics, measure_verdict
from avdf.model.scoring.rows import ScoredVideos, VideoScore
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import REPORT_ORDER, Verdict, labels_of


@dataclass(frozen=True)
class Decided:
    """Of one verdict: how many videos were left `unsure`, and the accuracy of the others."""

    unsure: int
    decided: int
    accuracy: float | None


@dataclass(frozen=True)
class Evaluation:
    """All figures of a scoring run, ready for JSON and for the report.

    by_*  the video verdict on each kind of fake, against the same real videos
    """

    verdicts: Mapping[str, VerdictMetrics]
    by_type: Mapping[str, VerdictMetrics]
    by_category: Mapping[str, VerdictMetrics]
    by_method: Mapping[str, VerdictMetrics]
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
            "thresholds": self.thresholds.as_dict(),
            "decided": {name: asdict(decided) for name, decided in self.decided.items()},
            "silence_probe": asdict(self.silence),
            "localisation": {name: found.as_dict() for name, found in self.localisation.items()},
        }


def evaluate(scores: ScoredVideos, thresholds: Thresholds) -> Evaluation:
    """Judge scores. Each type, category and method of fakes is set against the same real videos."""
    videos = scores.scored
    by_category = fakes_by_kind(videos, lambda video: video.info.category, thresholds)
    found = {name: localisation(scores.timelines, scores.periods, name) for name in REPORT_ORDER}
    return Evaluation(
        verdicts={name: measure_verdict(videos, name, thresholds[name]) for name in REPORT_ORDER},
        by_type=fakes_by_kind(videos, type_of, thresholds),
        by_category=by_category,
        by_method=fakes_by_kind(videos, lambda video: video.info.method, thresholds),
        average_fake_visual=average_fake_visual(by_category),
        coverage={"listed": len(scores.videos), **Counter(video.status for video in scores.videos)},
        thresholds=thresholds,
        decided={name: _decided(videos, name) for name in REPORT_ORDER},
        silence=probe_silence(scores),
        localisation={name: one for name, one in found.items() if one is not None},
    )


def _decided(videos: Sequence[VideoScore], name: Verdict) -> Decided:
    pairs = [(video.verdict[name], labels_of(video.info)[name]) for video in videos]
    given = [(verdict, label) for verdict, label in pairs if verdict and label in (REAL, FAKE)]
    sure = [
        (verdict == "fake") == (label == FAKE) for verdict, label in given if verdict != "unsure"
    ]
    return Decided(len(given) - len(sure), len(sure), float(np.mean(sure)) if sure else None)
