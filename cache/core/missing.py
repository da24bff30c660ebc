"""What of a video could not be judged, or was not looked at: how the notes on it begin.

The notes of a video are joined by "; " in tables, so none of them holds that.
"""

from avdf.cache.core.loudness import SILENCE_DB

NO_AUDIO = "no audio to judge"
ONLY_SILENCE = f"{NO_AUDIO}: it is never louder than {SILENCE_DB} dB"
NO_STREAM = f"{NO_AUDIO}: the file has no audio stream"

# How the note on a sample of a long file begins.
ONLY_SAMPLE = "only a sample was examined"

NO_PICTURE = "no picture to judge"
NO_VIDEO_STREAM = "no video stream (a cover image does not count)"


def missing_note(notes: str, what: str) -> str:
    """The note, of notes joined by "; ", that a modality is missing; '' where none says so.

    Args:
        what: `NO_AUDIO` or `NO_PICTURE`.
    """
    found = (note for note in notes.split("; ") if note.startswith(what))
    return next(found, "")


def reason_of(note: str) -> str:
    """`no face found in 99 frames` of such a note; the note itself where it gives no reason."""
    _, _, reason = note.partition(": ")
    return reason or note
