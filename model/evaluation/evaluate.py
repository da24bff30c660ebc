"""From scores to all figures: three verdicts, overall and by kind of fake."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.evaluation.kinds import (
    average_fake_visual,
    category_of,
    fakes_by_kind,
    method_of,
    type_of,
)
from avdf.model.evaluation.localisation import Localisation, localisation
from avdf.model.evaluation.silence_probe import SilenceProbe, probe_silence
from avdf.model.evaluation.sync_metrics import SyncMetrics, measure_synchrony
from avdf.model.evaluation.verdict_metrics import VerdictMetrics, measure_verdict
from avdf.model.likelihood.ratio_cost import RatioCost, ratio_cost
from avdf.model.metrics import known
from avdf.model.scoring.rows import ScoredVideos, VideoScore
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict, labels_of

T = TypeVar("T")


@dataclass(frozen=True)
class Decided:
    """How often one verdict was given, and how often it was right.

    unsure    labelled videos whose verdict is `unsure`
    decided   labelled videos with a verdict `real` or `fake`
    accuracy  share of the decided videos that are right; None where there are none
    """

    unsure: int
    decided: int
    accuracy: float | None


@dataclass(frozen=True)
class Evaluation:
    """All figures of a scoring run, for `metrics.json` and for the report.

    verdicts             each verdict over all scored videos
    by_type              the video verdict on fakes of each type (`FVRA`), category and method,
    by_category          each against the same real videos
    by_method
    average_fake_visual  AVG-FV of the paper's Table 2; None where a category is missing
    coverage             how many videos are listed, and how many there are of each status
    decided              how often each verdict was given
    silence              what leading silence alone says
    ratio_costs          of likelihood ratios, where any are given and labels are known
    sync                 how well synchrony is told, where it is known
    localisation         how well each verdict finds the manipulated periods; None where none are
                         known
    """

    verdicts: PerVerdict[VerdictMetrics]
    by_type: Mapping[str, VerdictMetrics]
    by_category: Mapping[str, VerdictMetrics]
    by_method: Mapping[str, VerdictMetrics]
    average_fake_visual: Mapping[str, float] | None
    coverage: Mapping[str, int]
    thresholds: Thresholds
    decided: PerVerdict[Decided]
    silence: SilenceProbe
    ratio_costs: PerVerdict[RatioCost | None]
    sync: SyncMetrics
    localisation: PerVerdict[Localisation | None]

    @property
    def has_labels(self) -> bool:
        """Whether a video has a label that a verdict can be compared with."""
        return any(found.metrics.videos for found in self.verdicts)

    def as_dict(self) -> dict[str, Any]:
        """The figures as `metrics.json` holds them."""
        decided = self.decided.map(asdict)
        located = _by_name(self.localisation).items()
        known = {name: found.as_dict() for name, found in located if found}
        return {
            "verdicts": _as_dicts(_by_name(self.verdicts)),
            "by_type": _as_dicts(self.by_type),
            "by_category": _as_dicts(self.by_category),
            "by_method": _as_dicts(self.by_method),
            "average_fake_visual": self.average_fake_visual,
            "coverage": dict(self.coverage),
            "thresholds": self.thresholds.as_dict(),
            "decided": _by_name(decided),
            "silence_probe": asdict(self.silence),
            "likelihood_ratios": {
                name: asdict(cost)
                for name, cost in _by_name(self.ratio_costs).items()
                if cost
            },
            "sync": self.sync.as_dict(),
            "localisation": known,
        }


def _by_name(values: PerVerdict[T]) -> dict[str, T]:
    """The values as documents list them: the video first."""
    return {verdict: values[verdict] for verdict in REPORT_ORDER}


def _as_dicts(kinds: Mapping[str, VerdictMetrics]) -> dict[str, dict[str, Any]]:
    return {kind: found.as_dict() for kind, found in kinds.items()}


def evaluate(scores: ScoredVideos, thresholds: Thresholds) -> Evaluation:
    """Compare scores with labels."""
    videos = scores.scored

    def measured(verdict: Verdict) -> VerdictMetrics:
        return measure_verdict(videos, verdict, thresholds[verdict])

    def located(verdict: Verdict) -> Localisation | None:
        return localisation(scores.timelines, scores.periods, verdict)

    by_category = fakes_by_kind(videos, category_of, thresholds.video)
    statuses = Counter(video.status for video in scores.videos)
    return Evaluation(
        verdicts=PerVerdict.of(measured),
        by_type=fakes_by_kind(videos, type_of, thresholds.video),
        by_category=by_category,
        by_method=fakes_by_kind(videos, method_of, thresholds.video),
        average_fake_visual=average_fake_visual(by_category),
        coverage={"listed": len(scores.videos), **statuses},
        thresholds=thresholds,
        decided=PerVerdict.of(lambda verdict: _decided(videos, verdict)),
        silence=probe_silence(scores),
        ratio_costs=PerVerdict.of(lambda verdict: _ratio_cost(videos, verdict)),
        sync=measure_synchrony(videos),
        localisation=PerVerdict.of(located),
    )


def _ratio_cost(videos: Sequence[VideoScore], verdict: Verdict) -> RatioCost | None:
    """The cost of the likelihood ratios of one verdict, over the videos with a label."""
    labels = np.array([labels_of(video.info)[verdict] for video in videos], np.int64)
    ratios = np.array([video.log10_ratio[verdict] for video in videos], np.float64)
    return ratio_cost(*known(labels, ratios))


def _decided(videos: Sequence[VideoScore], verdict: Verdict) -> Decided:
    unsure = 0
    right = []
    for video in videos:
        given = video.verdict[verdict]
        label = labels_of(video.info)[verdict]
        # A withheld verdict and an unknown label say nothing about accuracy.
        if not given or label not in (REAL, FAKE):
            continue
        if given == "unsure":
            unsure += 1
        else:
            is_right = (given == "fake") == (label == FAKE)
            right.append(is_right)
    accuracy = float(np.mean(right)) if right else None
    return Decided(unsure, len(right), accuracy)
