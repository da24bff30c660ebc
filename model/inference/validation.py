"""The scores of validation videos, and the figures that are reported of them after each epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.inference.aggregate import Aggregate, aggregate
from avdf.model.inference.segments import SegmentScores
from avdf.model.metrics import Labels, Scores, auc, known
from avdf.model.verdicts import REPORT_ORDER, Labelled, PerVerdict, Verdict, labels_of

# Of one verdict: labels (videos,) and P(fake) (videos,) of the validation videos.
Pair = tuple[Labels, Scores]


@dataclass(frozen=True)
class Validation:
    """Segment scores of the validation videos, and for each verdict their labels (videos,)."""

    scores: SegmentScores
    labels: PerVerdict[Labels]

    @classmethod
    def of_videos(
        cls, scores: SegmentScores, videos: Sequence[Labelled]
    ) -> "Validation":
        """Scores of the segments of `videos`, whose numbers are their positions in the list."""
        labels = [labels_of(video) for video in videos]

        def column(verdict: Verdict) -> Labels:
            return np.array([one[verdict] for one in labels], np.int64)

        return cls(scores, PerVerdict.of(column))

    def of(self, how: Aggregate) -> PerVerdict[Pair]:
        """Labels and aggregated scores of each verdict."""
        fake = aggregate(self.scores, len(self.labels.video), how)
        return PerVerdict.of(lambda verdict: (self.labels[verdict], fake[verdict]))


def validation_figures(found: PerVerdict[Pair]) -> dict[str, float | None]:
    """`auc_*`, `loss_*` and `accuracy_*` of each verdict, over the scores of whole videos.

    The loss is the mean cross-entropy, the accuracy that at a threshold of 0.5. A figure is None
    where there is no label.
    """
    from sklearn.metrics import log_loss

    figures: dict[str, float | None] = {}
    for verdict, pair in found.items():
        figures[f"auc_{verdict}"] = auc(*pair)
    for verdict, pair in found.items():
        labels, scores = known(*pair)
        loss = accuracy = None
        if len(labels):
            loss = float(log_loss(labels, scores, labels=[REAL, FAKE]))
            # True and False equal the labels 1 (fake) and 0 (real).
            is_right = (scores >= 0.5) == labels
            accuracy = float(is_right.mean())
        figures[f"loss_{verdict}"] = loss
        figures[f"accuracy_{verdict}"] = accuracy
    return figures


def quality(
    figures: Mapping[str, float | None], trained: Sequence[str]
) -> tuple[float, float]:
    """A key that makes the better of two epochs the larger: AUC of the video verdict, then -loss.

    The loss is the sum over the trained verdicts. It decides where the AUC is saturated.
    """
    losses = [
        figures.get(f"loss_{verdict}") for verdict in REPORT_ORDER if verdict in trained
    ]
    known_losses = [loss for loss in losses if loss is not None]
    loss = sum(known_losses) if known_losses else float("inf")
    return figures.get("auc_video") or 0.0, -loss
