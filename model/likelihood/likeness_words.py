"""In words: in which respect a file is unlike the validation videos, and what was not compared."""

from avdf.model.likelihood.departure import Departure
from avdf.model.likelihood.reference_videos import ReferenceVideos

NOT_KEPT = (
    "whether a file is like the validation videos is not known, because this run did not keep "
    "their measures: train again to know"
)
# How a note in a row begins. Notes are joined by "; ", so that none of them holds that.
ABOUT_RATIO = "likelihood ratio of"

_SAID = {
    "length": "the examined part is {} seconds long",
    "face_side": "the square around the face is {} pixels wide",
    "sharpness": "the sharpness of the face (variance of the Laplacian) is {}",
    "fine_detail": "fine detail makes up {} % of the contrast of the face",
    "loudness": "the level of the sound is {} dB",
    "noise_floor": "the level of the quietest parts of the sound is {} dB",
    "bandwidth": "the sound reaches up to {} Hz",
}


def departure_note(departure: Departure) -> str:
    """One sentence: which ratios are withheld or uncertain, and why."""
    face = "" if departure.face is None else f" (face {departure.face})"
    *others, last = departure.verdicts
    verdicts = f"{', '.join(others)} and {last}" if others else last
    state = "withheld" if departure.withholds else "uncertain"
    return f"{ABOUT_RATIO} {verdicts}{face} {state}: {departure_words(departure)}"


def departure_words(departure: Departure) -> str:
    """`the square around the face is 38 pixels wide, in the 214 validation videos 96 to 210`."""
    limits = departure.reference
    value, least, most = _numbers(departure.value, limits.least, limits.most)
    said = _SAID[departure.measure].format(value)
    words = f"{said}, in the {limits.count} validation videos {least} to {most}"
    return (
        words
        if limits.is_certain
        else f"{words} (so few videos make the range uncertain)"
    )


def compared_words(reference: ReferenceVideos | None) -> str:
    """What files are compared with, and what is never compared."""
    if reference is None:
        return NOT_KEPT
    return (
        f"a file is compared with {reference.videos} validation videos in length, size, sharpness "
        "and detail of the face, and level, quiet parts and bandwidth of the sound, and its ratio "
        "is withheld where it is unlike them; language, codec, frame rate and bit rate are not "
        "compared, since shards do not keep them"
    )


def _numbers(*values: float) -> tuple[str, ...]:
    """Numbers in three digits; in more where the first would read like one of the others."""
    for digits in range(3, 17):
        found = tuple(_plain(value, digits) for value in values)
        if found[0] not in found[1:]:
            break
    return found


def _plain(value: float, digits: int) -> str:
    """A number without an exponent: `3400`, `0.012`, `-45.3`."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.10f}".rstrip("0").rstrip(".")
