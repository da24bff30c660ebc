"""Facts about one media file that a report shows beside its scores."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileFacts:
    """Where a file is, its hash, and which of its streams were examined.

    path       of the file
    sha256     of its content
    container  the format of the file
    duration   seconds, as the file states it; None where it states none
    picture    codec, size and number of the video stream, in words
    sound      codec, channels and number of the audio stream, and the number of streams, in words
    """

    path: str
    sha256: str
    container: str
    duration: float | None
    picture: str
    sound: str
