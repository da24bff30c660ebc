"""How `sync` is read: from which value on picture and sound do not belong together.

It is found on validation videos, never on the videos that are judged.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.bootstrap import bootstrap
from avdf.model.logistic import Logistic, fit_logistic
from avdf.model.metrics import auc
from avdf.model.synchrony.made_pairs import SyncPairs
from avdf.model.thresholds import best_threshold

Array = npt.NDArray[np.float64]

# A run tells synchrony if the 95 % interval of its AUC begins at least here.
LEARNED = 0.7
# A curve whose least distance lies less than this below its median is flat.
FLAT = 0.01
# Of pairs with another sound, so many have a flatter curve than the depth that is asked for.
_UNRELATED_PERCENTILE = 95


@dataclass(frozen=True)
class SyncCalibration:
    """What validation says of `sync`, D(0) less the median distance over near offsets.

    P(do not belong together) = 1 / (1 + exp(-(slope * sync + intercept))), a logistic regression
    in which both classes weigh the same (Platt 1999, with his smoothed labels).

    threshold  P from which they do not belong together
    depth      that a curve must exceed before its offset is named: 95 % of the curves of other
               sound do not
    genuine    how many genuine pairs there were
    apart      how many pairs that do not belong together, most of them made of the genuine ones
    auc        of the pairs; None where a class is missing
    interval   of the AUC, 95 %, over identities; None with fewer than two
    by_kind    AUC of each kind of pairs against the genuine ones
    genuine_depth  the median depth of the genuine curves
    segment_depth  as `depth`, of the curve of one segment, which is much less certain

    Raises:
        ValueError: values that validation cannot give, as of a file that somebody has changed.
    """

    slope: float
    intercept: float
    threshold: float
    depth: float
    genuine: int
    apart: int
    auc: float | None
    interval: tuple[float, float] | None
    by_kind: Mapping[str, float]
    genuine_depth: float
    segment_depth: float

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ValueError(
                f"the threshold of synchrony is {self.threshold}; it must lie in [0, 1]"
            )
        depths = (self.depth, self.genuine_depth, self.segment_depth)
        if min(depths) < 0 or min(self.genuine, self.apart) < 1:
            raise ValueError(
                f"synchrony cannot have depths of {depths} from {self.genuine} and {self.apart} "
                "pairs"
            )
        low, high = self.interval or (0.0, 1.0)
        if not low <= high or (self.interval and self.auc is None):
            raise ValueError(
                f"synchrony has an AUC of {self.auc} in an interval of {self.interval}"
            )

    @property
    def has_learned(self) -> bool:
        """Whether the run tells pairs that belong together from others."""
        ranked = self.interval is not None and self.interval[0] >= LEARNED
        # A few outliers can turn the curve around although ranks tell the pairs apart: verdicts
        # would then be the wrong way round.
        return ranked and self.slope > 0 and not self.is_flat

    @property
    def is_flat(self) -> bool:
        """Whether the sound of genuine videos fits hardly better at one offset than at others."""
        return self.genuine_depth < FLAT

    def probability(self, sync: Array) -> Array:
        """P(do not belong together) of each `sync`; NaN stays."""
        return Logistic(self.slope, self.intercept).probability(sync)

    @property
    def sync_at_threshold(self) -> float | None:
        """The `sync` whose probability is the threshold; None where no `sync` has it."""
        if not self.slope or not 0 < self.threshold < 1:
            return None
        line = math.log(self.threshold / (1 - self.threshold))
        return (line - self.intercept) / self.slope

    def as_dict(self) -> dict[str, Any]:
        """As checkpoints and `metrics.json` keep it."""
        return asdict(self)


def calibrate_sync(pairs: SyncPairs) -> SyncCalibration | None:
    """How to read `sync`, from pairs of which it is known; None without both classes."""
    known = pairs.curves.is_known
    labels, sync = pairs.label[known], pairs.curves.sync[known]
    kinds, depths = pairs.kind[known], pairs.curves.depth[known]
    area = auc(labels, sync)
    if area is None:
        return None

    logistic = fit_logistic(labels, sync)
    threshold = best_threshold(labels, logistic.probability(sync))
    assert threshold is not None  # both classes are there

    intervals = bootstrap(labels, sync, pairs.source[known], threshold=0.0)
    genuine = labels == REAL
    by_kind = {}
    for kind in sorted({str(one) for one in kinds[~genuine]}):
        some = genuine | (kinds == kind)
        area_of_kind = auc(labels[some], sync[some])
        assert area_of_kind is not None
        by_kind[kind] = area_of_kind
    return SyncCalibration(
        slope=logistic.slope,
        intercept=logistic.intercept,
        threshold=threshold,
        depth=_unrelated_depth(depths, labels, kinds),
        genuine=int(genuine.sum()),
        apart=int((~genuine).sum()),
        auc=area,
        interval=intervals["auc"],
        by_kind=by_kind,
        genuine_depth=float(np.median(depths[genuine])),
        segment_depth=_segment_depth(pairs),
    )


def _segment_depth(pairs: SyncPairs) -> float:
    """The depth that 95 % of the segments with other sound do not exceed.

    Without such segments: 2, which no curve of cosine distances exceeds.
    """
    depths = pairs.segments.depth[pairs.segments.is_known]
    if not len(depths):
        return 2.0
    return float(np.percentile(depths, _UNRELATED_PERCENTILE))


def _unrelated_depth(
    depths: Array,
    labels: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.str_],
) -> float:
    """The depth that 95 % of the curves of other sound do not exceed.

    Without such pairs: of all pairs that do not belong together, which is more cautious.
    """
    unrelated = kinds == "other sound"
    if not unrelated.any():
        unrelated = labels == FAKE
    return float(np.percentile(depths[unrelated], _UNRELATED_PERCENTILE))
