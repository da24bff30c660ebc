"""Words on where the sound of a video fits its picture best."""

from avdf.model.synchrony.synchrony import UNSURE, Synchrony

REAL_BUT_APART = (
    "the verdicts above look for forged frames and forged audio: genuine audio of another moment "
    "is real to them"
)


def offset_words(found: Synchrony) -> str:
    """Where the sound fits best, in words."""
    if found.verdict == UNSURE and found.fits_as_it_is:
        return "the sound fits best as it is, so that no clear answer is given"
    offset = found.offset_ms
    if offset is None:
        reach = f"no offset within {found.reach_ms / 1000:g} s fits clearly better"
        least = found.least_ms
        if least is None:
            return reach
        return f"{reach} than the others (the distance is least with the sound {_moved(least)})"
    return f"the sound fits best {_moved(offset)}"


def _moved(offset_ms: int) -> str:
    """`400 ms late`, `40 ms early`, or `as it is`."""
    if not offset_ms:
        return "as it is"
    return f"{abs(offset_ms)} ms {'late' if offset_ms > 0 else 'early'}"
