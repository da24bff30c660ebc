"""From segments to a video's verdict: how scores are put together, calibrated, and when nothing is said.

What is needed comes from validation videos, whose segment scores a checkpoint keeps; never from those that are judged.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.inference.segments import VERDICTS, SegmentScores
from avdf.model.inference.validation import usable_threshold
from avdf.model.metrics import Thresholds, known

Aggregate = Literal["mean", "logit", "top", "lse"]
Array = npt.NDArray[np.float64]

ONLY_SYNTHETIC = "the run was trained on synthetic videos alone: it can say nothing about this file"
_TOP_SHARE = 4  # `top`: the mean of the highest quarter
_LEAST, _MOST = (
    float(np.finfo(np.float64).tiny),
    1 - 2.0**-53,
)  # probabilities whose logit is finite
_LABEL_COLUMN = {"visual": 1, "audio": 2, "video": 0}  # in (label, label_visual, label_audio)
# Temperatures are never below 1: a sharper score comes so near to 1 that floating point has one value for many videos.
COOLEST, HOTTEST = 1.0, 10.0
_PRIOR = float(
    np.log(2.0)
)  # deviation of log T around 0 that is expected before any validation video is seen


def logit(p: Array) -> Array:
    """log(p / (1 - p)), of probabilities kept off 0 and 1."""
    inside = np.clip(p, _LEAST, _MOST)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), also where exp(-x) is too large for a float."""
    return np.asarray(expit(x))


def aggregate(scores: SegmentScores, videos: int, how: Aggregate) -> Array:
    """(videos, 3) P(fake) of each video from its segments; NaN where it has none.

    mean    the paper's
    logit   sigmoid of the mean logit
    top     mean of the highest quarter of the segments, at least one: a forgery may be short
    lse     sigmoid of log mean exp of the logits: between the mean and the highest
    """
    if how not in get_args(Aggregate):
        raise SettingsError(
            f"aggregate {how!r} is unknown; use one of {', '.join(get_args(Aggregate))}"
        )
    order = np.argsort(scores.video, kind="stable")
    edges = np.searchsorted(scores.video[order], np.arange(videos + 1))
    found = np.full((videos, len(VERDICTS)), np.nan)
    for video, (start, stop) in enumerate(pairwise(edges.tolist())):
        if stop > start:
            found[video] = _of_one(scores.fake[order[start:stop]], how)
    return found


def _of_one(segments: Array, how: Aggregate) -> Array:
    if how == "mean":
        return np.asarray(segments.mean(axis=0))
    if how == "top":
        most = -(-len(segments) // _TOP_SHARE)
        return np.asarray(np.sort(segments, axis=0)[-most:].mean(axis=0))
    logits = logit(segments)
    if how == "logit":
        return sigmoid(logits.mean(axis=0))
    highest = logits.max(axis=0)
    return sigmoid(highest + np.log(np.exp(logits - highest).mean(axis=0)))


@dataclass(frozen=True)
class Validation:
    """Segment scores of the validation videos, with their labels (videos, 3): label, label_visual, label_audio."""

    scores: SegmentScores
    labels: npt.NDArray[np.int64]

    def of(self, how: Aggregate) -> dict[str, tuple[npt.NDArray[np.int64], Array]]:
        """Labels and aggregated scores of each verdict."""
        fake = aggregate(self.scores, len(self.labels), how)
        return {
            name: (self.labels[:, _LABEL_COLUMN[name]], fake[:, which])
            for which, name in enumerate(VERDICTS)
        }


@dataclass(frozen=True)
class Judgement:
    """How videos are judged.

    temperatures    of each verdict: P(fake) becomes sigmoid(logit(P) / T); 1 leaves it
    abstain         half-width of the band around the threshold in which the verdict is `unsure`
    rests_on        one line: training videos, weights, checkpoint, validation
    only_synthetic  the detector was trained on generated videos alone: of recordings it says nothing
    notes           sentences on what the run cannot be relied on for
    """

    aggregate: Aggregate
    thresholds: Thresholds
    temperatures: dict[str, float]
    abstain: float = 0.0
    rests_on: str = ""
    only_synthetic: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.abstain < 0.5:
            raise SettingsError(f"an abstain band of {self.abstain} is not in [0, 0.5)")

    def scores(self, segments: SegmentScores, videos: int) -> Array:
        """(videos, 3) P(fake), aggregated and calibrated."""
        return self.calibrated(aggregate(segments, videos, self.aggregate))

    def calibrated(self, fake: Array) -> Array:
        """(..., 3) P(fake) of each verdict under its temperature; NaN stays."""
        heat = np.array([self.temperatures[name] for name in VERDICTS])
        return fake if (heat == 1).all() else np.where(heat == 1, fake, sigmoid(logit(fake) / heat))

    def verdict(self, name: str, p: float | None) -> str:
        """`fake`, `real`, `unsure`, or '' where nothing was scored."""
        if p is None:
            return ""
        threshold: float = getattr(self.thresholds, name)
        low, high = self.band(name)
        if low < p < high:
            return "unsure"
        return "fake" if p >= threshold else "real"

    def band(self, name: str) -> tuple[float, float]:
        """Between which P(fake) a verdict is `unsure`: `abstain` to each side of the threshold.

        It never takes more than half of the way to 0 or to 1, so that both verdicts can still be given.
        """
        threshold: float = getattr(self.thresholds, name)
        return threshold - min(self.abstain, threshold / 2), threshold + min(
            self.abstain, (1 - threshold) / 2
        )

    def withheld(self, synthetic: bool) -> str:
        """Why no verdict is given on a video, synthetic or recorded; '' where nothing stands against it."""
        return ONLY_SYNTHETIC if self.only_synthetic and not synthetic else ""


def judge(
    validation: Validation, how: Aggregate, calibrate: bool = False, abstain: float = 0.0
) -> Judgement:
    """Thresholds, and temperatures if wanted, from validation."""
    found = validation.of(how)
    heat = {name: temperature(*pair) if calibrate else 1.0 for name, pair in found.items()}
    thresholds: dict[str, float] = {}
    defaults = []
    for name, (labels, scores) in found.items():
        best = usable_threshold(labels, scores)
        thresholds[name] = 0.5 if best is None else float(best)
        if best is None:
            defaults.append(name)
        if heat[name] != 1:
            thresholds[name] = float(sigmoid(logit(np.array(thresholds[name])) / heat[name]))
    origin = "default" if "video" in defaults else "validation"
    return Judgement(
        how, Thresholds(**thresholds, origin=origin, defaults=tuple(defaults)), heat, abstain
    )


def temperature(labels: npt.NDArray[np.int64], scores: Array) -> float:
    """T that makes sigmoid(logit(P) / T) most likely (Guo et al. 2017), in [1, 10]; 1 with one class.

    A prior holds log T near 0: a dozen validation videos do not move it far, thousands decide alone. T of at least 1
    keeps every score apart from every other, so that the order of videos is the same as before.
    """
    labels, scores = known(labels, scores)
    if {REAL, FAKE} - set(labels.tolist()):
        return 1.0
    logits = logit(scores)
    signed = np.where(labels == FAKE, logits, -logits)

    def surprise(log_heat: float) -> float:
        """Negative log likelihood of the labels, and of the temperature under its prior."""
        likelihood = np.logaddexp(0.0, -signed / np.exp(log_heat)).sum()
        return float(likelihood + 0.5 * (log_heat / _PRIOR) ** 2)

    found = minimize_scalar(surprise, bounds=(np.log(COOLEST), np.log(HOTTEST)), method="bounded").x
    # the search stops short of its bounds: where T = 1 is as good, nothing is changed
    return 1.0 if surprise(0.0) <= surprise(found) else float(np.exp(found))
