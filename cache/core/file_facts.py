"""What is known of one media file that was judged, beside its scores."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileFacts:
    """Of one file: where it lies, its hash, and which of its streams were judged.

    duration  seconds that the file says it lasts; None where it does not say
    picture   codec, size and number of the video stream, in words
    sound     codec, channels and number of the audio stream, and of how many, in words
    """

    path: str
    sha256: str
    container: str
    duration: float | None
    picture: str
    sound: str
