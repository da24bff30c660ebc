"""What the verdicts of a run rest on: its training, its weights, and how it did in validation."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.backbones import BackboneInfo
from avdf.model.backbones.info import DEMO, RANDOM
from avdf.model.bootstrap import ConfidenceInterval, bootstrap
from avdf.model.evaluation.metrics_document import weights_note
from avdf.model.inference.decision import ONLY_SYNTHETIC, Judgement
from avdf.model.inference.validation import Pair
from avdf.model.likelihood.likeness_words import compared_words
from avdf.model.likelihood.ratio_words import support_words
from avdf.model.metrics import auc, known
from avdf.model.runs.loaded import LoadedRun
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict

_RANDOM_WEIGHTS = (
    "RANDOM WEIGHTS: the backbones of this run have random weights. Its scores mean nothing; "
    "they only show that the program runs"
)
_DEMO_WEIGHTS = (
    "DEMO WEIGHTS: this run uses the small encoders of the demo. They have never seen a real face "
    "or heard a real voice: its scores say nothing about recorded videos"
)


@dataclass(frozen=True)
class ValidationRecord:
    """How one verdict did on the validation videos whose label is known.

    real, fake    how many there were of each class
    auc           area under the ROC curve; None where a class is missing
    auc_interval  95 % confidence interval over single videos. Their persons are not known here, so
                  it is rather too narrow
    false_alarms  genuine videos that the threshold calls fake
    missed        fake videos that the threshold calls real
    """

    real: int
    fake: int
    auc: float | None
    auc_interval: ConfidenceInterval | None
    false_alarms: int
    missed: int


@dataclass(frozen=True)
class RunBasis:
    """What the verdicts of a run rest on.

    summary     one line: training videos, weights, checkpoint, validation
    warnings    what speaks against relying on it, the weightiest first
    datasets    name -> number of training videos
    synthetic   name -> how many of them are generated, not recorded; None where a checkpoint does
                not say so
    protocol    name, version and sha256 of the rule that assigned videos to splits; None where
                a checkpoint does not say so
    epoch       of the checkpoint
    trained     what the training videos could train
    backbones   `clip` and `whisper`: architecture, weights, sha256
    thresholds  P(fake) from which a verdict is `fake`
    origins     where each threshold comes from: `validation`, or `default` (0.5)
    validation  of each verdict; None where the checkpoint keeps no validation scores
    ratios      what the likelihood ratios of each verdict rest on, or why there are none
    compared    in which respects a file is compared with the validation videos; '' without ratios
    """

    summary: str
    warnings: tuple[str, ...]
    datasets: Mapping[str, int]
    synthetic: Mapping[str, int] | None
    protocol: Mapping[str, Any] | None
    epoch: int
    trained: tuple[str, ...]
    backbones: Mapping[str, BackboneInfo]
    thresholds: PerVerdict[float]
    origins: PerVerdict[str]
    validation: PerVerdict[ValidationRecord] | None
    ratios: PerVerdict[str]
    compared: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Everything as dictionaries and lists; of verdicts, the video first."""
        validation = self.validation
        records = None
        if validation is not None:
            records = {name: asdict(validation[name]) for name in REPORT_ORDER}
        return {
            "summary": self.summary,
            "warnings": list(self.warnings),
            "datasets": dict(self.datasets),
            "synthetic": None if self.synthetic is None else dict(self.synthetic),
            "protocol": None if self.protocol is None else dict(self.protocol),
            "epoch": self.epoch,
            "trained": list(self.trained),
            "backbones": {name: asdict(one) for name, one in self.backbones.items()},
            "thresholds": {name: self.thresholds[name] for name in REPORT_ORDER},
            "threshold_origins": {name: self.origins[name] for name in REPORT_ORDER},
            "validation": records,
            "likelihood_ratios": {name: self.ratios[name] for name in REPORT_ORDER},
            "compared": self.compared,
        }


def run_basis(run: LoadedRun, judgement: Judgement) -> RunBasis:
    """What the verdicts of a loaded run rest on, judged like this."""
    info = run.info
    thresholds = judgement.thresholds
    validation = None
    if run.validation is not None:
        found = run.validation.of(judgement.aggregate)
        validation = PerVerdict.of(lambda name: _record(found[name], thresholds[name]))

    def origin(verdict: Verdict) -> str:
        return "default" if thresholds.is_default(verdict) else "validation"

    def ratio(verdict: Verdict) -> str:
        if judgement.ratios is None:
            return "no likelihood ratio: the checkpoint keeps no validation scores"
        return support_words(judgement.ratios[verdict])

    return RunBasis(
        summary=judgement.rests_on,
        warnings=_warnings(run, judgement),
        datasets=info.data.get("datasets", {}),
        synthetic=info.data.get("synthetic"),
        protocol=info.data.get("protocol"),
        epoch=info.epoch,
        trained=info.trained,
        backbones=info.backbones,
        thresholds=PerVerdict.of(lambda name: thresholds[name]),
        origins=PerVerdict.of(origin),
        validation=validation,
        ratios=PerVerdict.of(ratio),
        compared=compared_words(judgement.reference) if judgement.ratios else "",
    )


def _warnings(run: LoadedRun, judgement: Judgement) -> tuple[str, ...]:
    """The weightiest first: weights, then training videos, then what the checkpoint notes."""
    warnings = []
    weights = [backbone.weights for backbone in run.info.backbones.values()]
    if RANDOM in weights:
        warnings.append(_RANDOM_WEIGHTS)
    elif set(weights) == {DEMO}:
        warnings.append(_DEMO_WEIGHTS)
    elif note := weights_note(run.info.backbones):
        warnings.append(note)
    if judgement.only_synthetic:
        warnings.append(ONLY_SYNTHETIC)
    warnings += judgement.notes
    return tuple(warning[:1].upper() + warning[1:] for warning in warnings)


def _record(pair: Pair, threshold: float) -> ValidationRecord:
    labels, scores = known(*pair)
    # The checkpoint does not name the persons: each video stands for itself.
    each = np.arange(len(labels)).astype(object)
    intervals = bootstrap(labels, scores, each, threshold)
    called_fake = scores >= threshold
    return ValidationRecord(
        real=int((labels == REAL).sum()),
        fake=int((labels == FAKE).sum()),
        auc=auc(labels, scores),
        auc_interval=intervals["auc"],
        false_alarms=int((called_fake & (labels == REAL)).sum()),
        missed=int((~called_fake & (labels == FAKE)).sum()),
    )
