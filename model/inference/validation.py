"""How far validation can be relied on: which thresholds are taken from it, and what is said where it is weak."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from sklearn.metrics import log_loss

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.metrics import auc, best_threshold, known

Pair = tuple[
    npt.NDArray[np.int64], npt.NDArray[np.float64]
]  # labels and P(fake) of validation videos

FEW = 20  # validation videos of a class: with fewer, AUC, threshold and the best epoch are largely chance
EXTREME = 0.01  # a threshold this near to 0 or 1 calls nearly everything the same


def usable_threshold(
    labels: npt.NDArray[np.int64], scores: npt.NDArray[np.float64]
) -> float | None:
    """The best threshold on validation videos; None where they cannot tell one, and 0.5 is to be kept.

    They cannot where there is one class only, where their AUC is at or below chance, and where few videos ask for an
    extreme threshold.
    """
    area, threshold = auc(labels, scores), best_threshold(labels, scores)
    if area is None or threshold is None or area <= 0.5:
        return None
    return None if _is_extreme(threshold) and min(_counts(labels, scores)) < FEW else threshold


def validation_figures(found: Mapping[str, Pair]) -> dict[str, float | None]:
    """AUC, loss and accuracy of each verdict, over the scores of whole videos.

    The loss is the mean cross-entropy, the accuracy that at a threshold of 0.5. None without any label.
    """
    figures: dict[str, float | None] = {f"auc_{name}": auc(*pair) for name, pair in found.items()}
    for name, pair in found.items():
        labels, scores = known(*pair)
        empty = not len(labels)
        figures[f"loss_{name}"] = (
            None if empty else float(log_loss(labels, scores, labels=[REAL, FAKE]))
        )
        figures[f"accuracy_{name}"] = None if empty else float(((scores >= 0.5) == labels).mean())
    return figures


def quality(figures: Mapping[str, float | None], trained: tuple[str, ...]) -> tuple[float, float]:
    """What makes one epoch better than another: the AUC of the video verdict, then the lower validation loss.

    The loss is the sum over the trained verdicts, and decides where the AUC is saturated.
    """
    losses = [
        figures.get(f"loss_{name}") for name in ("video", "visual", "audio") if name in trained
    ]
    told = [loss for loss in losses if loss is not None]
    return figures.get("auc_video") or 0.0, -sum(told) if told else -float("inf")


def validation_notes(
    found: Mapping[str, Pair], trained: tuple[str, ...], segments: int
) -> tuple[str, ...]:
    """A sentence for each reason not to rely on validation. `segments`: used of each video, 0 for all."""
    names = [name for name in ("video", "visual", "audio") if name in trained]
    if not len(next(iter(found.values()))[0]):
        return (
            "there are no validation videos: thresholds stay at 0.5, and the last epoch is taken for the best",
        )
    notes = [*_note_few({name: _counts(*found[name]) for name in names})]
    for name in names:
        area, threshold = auc(*found[name]), best_threshold(*found[name])
        if area is None or threshold is None:
            continue
        if area <= 0.5:
            notes.append(
                f"the validation AUC of the {name} verdict is {area:.3f}, no better than chance: "
                "its threshold stays at 0.5"
            )
        elif _is_extreme(threshold):
            kept = (
                "it is used"
                if usable_threshold(*found[name]) is not None
                else "it is not used, 0.5 stays"
            )
            notes.append(
                f"the best threshold of the {name} verdict on validation is {threshold:.4f}, an extreme: {kept}"
            )
    if segments:
        notes.append(
            f"thresholds come from at most {segments} segments of each validation video and are used on all segments "
            "(data.validation_segments)"
        )
    return tuple(notes)


def _note_few(counts: Mapping[str, tuple[int, int]]) -> list[str]:
    few = [
        f"{name}: {real} real and {fake} fake"
        for name, (real, fake) in counts.items()
        if min(real, fake) < FEW
    ]
    if not few:
        return []
    return [
        f"validation is small ({'; '.join(few)} videos; {FEW} of each are wanted): the best epoch and its threshold "
        "mean little"
    ]


def _counts(labels: npt.NDArray[np.int64], scores: npt.NDArray[np.float64]) -> tuple[int, int]:
    """Real and fake videos that have a label and a score."""
    labels, _ = known(labels, scores)
    return int((labels == REAL).sum()), int((labels == FAKE).sum())


def _is_extreme(threshold: float) -> bool:
    return not EXTREME <= threshold <= 1 - EXTREME
