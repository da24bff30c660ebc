"""A sentence of the report on what was not examined of a file, and why."""

from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE, missing_note, reason_of

_NEEDS_BOTH = (
    "The verdict on the video as a whole, the distance and synchrony need picture and sound, "
    "so they were not examined either."
)


def missing_sentence(reason: str) -> str:
    """What the reason of a video's row says to be missing; '' where nothing is.

    Args:
        reason: of the row, notes joined by "; ".
    """
    found = {
        "picture": missing_note(reason, NO_PICTURE),
        "sound": missing_note(reason, NO_AUDIO),
    }
    parts = [
        f"The {what} was not examined: {reason_of(note)}."
        for what, note in found.items()
        if note
    ]
    return " ".join([*parts, _NEEDS_BOTH]) if parts else ""
