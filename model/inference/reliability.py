"""How far validation can be relied on: which thresholds are taken from it, and where it is weak."""

from collections.abc import Sequence

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.inference.validation import Pair
from avdf.model.metrics import Labels, Scores, auc, known
from avdf.model.thresholds import best_threshold
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict

# With fewer validation videos of a class, AUC, threshold and the best epoch are largely chance.
FEW = 20
# A threshold this near to 0 or 1 calls nearly every video the same.
EXTREME = 0.01


def usable_threshold(labels: Labels, scores: Scores) -> float | None:
    """The best threshold on validation videos; None where they cannot tell one, and 0.5 is kept.

    They cannot where a class is missing, where their AUC is at or below chance, and where few
    videos ask for an extreme threshold.
    """
    area, threshold = auc(labels, scores), best_threshold(labels, scores)
    if area is None or threshold is None or area <= 0.5:
        return None
    few = min(_counts(labels, scores)) < FEW
    return None if few and _is_extreme(threshold) else threshold


def validation_notes(
    found: PerVerdict[Pair],
    trained: Sequence[str],
    segments: int,
) -> tuple[str, ...]:
    """A sentence for each reason not to rely on validation.

    Args:
        found: labels and scores of the validation videos.
        trained: the verdicts that the detector was trained for; nothing is said of others.
        segments: how many segments of each video were scored, 0 for all.
    """
    if not len(found.video[0]):
        return (
            "there are no validation videos: thresholds stay at 0.5, and the last epoch is used as "
            "the best",
        )
    verdicts = [verdict for verdict in REPORT_ORDER if verdict in trained]
    notes = [_note_few(found, verdicts)]
    notes += [_note_threshold(verdict, *found[verdict]) for verdict in verdicts]
    if segments:
        word = "segment" if segments == 1 else "segments"
        notes.append(
            f"thresholds come from at most {segments} {word} of each validation video, and are "
            "used on all segments of other videos"
        )
    return tuple(note for note in notes if note)


def _note_few(found: PerVerdict[Pair], verdicts: Sequence[Verdict]) -> str:
    """'' where there are enough validation videos of both classes."""
    few = []
    for verdict in verdicts:
        real, fake = _counts(*found[verdict])
        if min(real, fake) < FEW:
            few.append(f"{verdict}: {real} real and {fake} fake")
    if not few:
        return ""
    return (
        f"validation is small ({'; '.join(few)} videos; at least {FEW} of each are needed): "
        "the choice of epoch and the threshold are unreliable"
    )


def _note_threshold(
    verdict: Verdict,
    labels: Labels,
    scores: Scores,
) -> str:
    """'' where the threshold of a verdict is found in the usual way, or a class is missing."""
    area, threshold = auc(labels, scores), best_threshold(labels, scores)
    if area is None or threshold is None:
        return ""
    if area <= 0.5:
        return (
            f"the validation AUC of the {verdict} verdict is {area:.3f}, no better than chance: "
            "its threshold stays at 0.5"
        )
    if not _is_extreme(threshold):
        return ""
    used = usable_threshold(labels, scores) is not None
    kept = "it is used" if used else "it is not used, and the threshold stays at 0.5"
    return (
        f"the best threshold of the {verdict} verdict on the validation videos is "
        f"{threshold:.4f}, an extreme value: {kept}"
    )


def _counts(labels: Labels, scores: Scores) -> tuple[int, int]:
    """Real and fake videos that have a label and a score."""
    labels, _ = known(labels, scores)
    return int((labels == REAL).sum()), int((labels == FAKE).sum())


def _is_extreme(threshold: float) -> bool:
    return not EXTREME <= threshold <= 1 - EXTREME
