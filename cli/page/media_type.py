"""The type of a media file for the browser's player, from its first bytes."""

from pathlib import Path

_LONGEST = 12  # bytes that are looked at
UNKNOWN = "application/octet-stream"


def media_type(path: Path) -> str:
    """A type of audio or video, or one that a browser never shows as a page.

    The name of an uploaded file plays no part: it could make a page of it.
    """
    with path.open("rb") as file:
        head = file.read(_LONGEST)
    # MP4 and QuickTime have a length before their mark.
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    marks = {
        b"\x1a\x45\xdf\xa3": "video/webm",
        b"OggS": "video/ogg",
        b"fLaC": "audio/flac",
        b"ID3": "audio/mpeg",
    }
    found = [kind for mark, kind in marks.items() if head.startswith(mark)]
    return found[0] if found else UNKNOWN
