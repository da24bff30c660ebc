"""How well `sync` tells videos whose picture and sound belong together from others."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from avdf.cache.core.identities import identity_of
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.bootstrap import ConfidenceInterval, bootstrap
from avdf.model.metrics import Labels, Scores, auc
from avdf.model.scoring.rows import VideoScore
from avdf.model.synchrony.synchrony import IN_SYNC, OUT_OF_SYNC
from avdf.model.verdicts import sync_label_of


@dataclass(frozen=True)
class SyncMetrics:
    """The figures of synchrony, over videos of which it is known.

    together   videos whose picture and sound belong together
    apart      videos whose picture and sound are genuine and do not
    auc        of `sync`, also where the run gives no probability; None where a class is missing
    interval   of the AUC, 95 %, over identities
    decided    videos with a verdict `in sync` or `out of sync`
    accuracy   share of these that are right; None where there are none
    by_method  AUC of each method against the same genuine videos
    """

    together: int
    apart: int
    auc: float | None
    interval: ConfidenceInterval | None
    decided: int
    accuracy: float | None
    by_method: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        """The figures as `metrics.json` holds them."""
        return asdict(self)


def measure_synchrony(videos: Sequence[VideoScore]) -> SyncMetrics:
    """Compare `sync` and the verdicts on it with what is known of the videos."""
    labels = np.array([sync_label_of(video.info) for video in videos], np.int64)
    sync = np.array([video.sync.sync for video in videos], np.float64)
    names = [identity_of(video.info) for video in videos]
    groups = np.array(names, dtype=object)
    measured = np.isfinite(sync)
    area, interval = auc(labels, sync), None
    # Most datasets have genuine pairs alone: a thousand draws of them would give nothing.
    if area is not None:
        # The threshold of `bootstrap` is for figures that are not used here.
        interval = bootstrap(labels, sync, groups, threshold=0.0)["auc"]
    right = [
        (video.sync.verdict == OUT_OF_SYNC) == (label == FAKE)
        for video, label in zip(videos, labels.tolist(), strict=True)
        if label in (REAL, FAKE) and video.sync.verdict in (IN_SYNC, OUT_OF_SYNC)
    ]
    return SyncMetrics(
        together=int((measured & (labels == REAL)).sum()),
        apart=int((measured & (labels == FAKE)).sum()),
        auc=area,
        interval=interval,
        decided=len(right),
        accuracy=float(np.mean(right)) if right else None,
        by_method=_by_method(videos, labels, sync),
    )


def _by_method(
    videos: Sequence[VideoScore], labels: Labels, sync: Scores
) -> dict[str, float]:
    """AUC of each method that made pairs which do not belong together."""
    methods = np.array([video.info.method for video in videos], np.str_)
    genuine, apart = labels == REAL, labels == FAKE
    found: dict[str, float] = {}
    for method in sorted(set(methods[apart].tolist()) - {""}):
        some = genuine | (apart & (methods == method))
        area = auc(labels[some], sync[some])
        if area is not None:
            found[method] = area
    return found
