"""Sentences of the report on whether picture and sound belong together."""

from markupsafe import Markup

from avdf.model.synchrony.judgement import SyncJudgement
from avdf.model.synchrony.offset_words import offset_words
from avdf.model.synchrony.synchrony import IN_SYNC, OUT_OF_SYNC, UNSURE, Synchrony

# The place on the page that says how the run judges synchrony, or why it cannot.
BASIS_ID = "synchrony"
# Colours of the verdicts, by the names of the style sheet.
_CLASSES = {IN_SYNC: "together", OUT_OF_SYNC: "apart", UNSURE: "unsure"}

_JUDGED = Markup(
    'Picture and sound: <span class="{}">{}</span>, P(do not belong together) {:.3f} '
    "(out of sync from {:.3f}). {}."
)
_WITHHELD = Markup(
    "Picture and sound: not judged. P(do not belong together) is {:.3f}, which must not be "
    "used as a verdict."
)
_NOT_EXAMINED = Markup("Picture and sound: not examined: {}.")
_NOT_BY_THIS_RUN = Markup(
    'Picture and sound: not examined, for the reason given <a href="#{}">above</a>.'
).format(BASIS_ID)


def sync_class(verdict: str) -> str:
    """The class of a verdict in the style sheet; '' where none is given."""
    return _CLASSES.get(verdict, "")


def sync_sentence(found: Synchrony, judgement: SyncJudgement) -> Markup:
    """What was found in one video, or why nothing was."""
    calibration = judgement.usable
    if found.probability is None or calibration is None:
        # What is true of all videos is said once on the page, not beside each of them.
        if found.note == judgement.note:
            return _NOT_BY_THIS_RUN
        return _NOT_EXAMINED.format(found.note)
    if not found.verdict:
        return _WITHHELD.format(found.probability)
    words = offset_words(found)
    return _JUDGED.format(
        sync_class(found.verdict),
        found.verdict,
        found.probability,
        calibration.threshold,
        words[:1].upper() + words[1:],
    )


def sync_basis(judgement: SyncJudgement) -> str:
    """What verdicts on synchrony rest on, or why there are none."""
    if judgement.basis:
        return f"{judgement.basis[:1].upper()}{judgement.basis[1:]}."
    return (
        "Synchrony, whether picture and sound belong together, was not examined: "
        f"{judgement.note}."
    )
