"""What a media file states of the two streams that are used."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class StreamFacts:
    """Codecs and rates of the streams that are used; '' or 0 where the file states nothing.

    video_codec, audio_codec        ffmpeg's names, for instance `h264` and `aac`
    frame_rate                      mean frames per second of the file, before 25 are taken of it
    video_bit_rate, audio_bit_rate  bits per second

    Raises:
        ValueError: a rate is negative or no finite number.
    """

    video_codec: str = ""
    audio_codec: str = ""
    frame_rate: float = 0.0
    video_bit_rate: float = 0.0
    audio_bit_rate: float = 0.0

    def __post_init__(self) -> None:
        for name in ("frame_rate", "video_bit_rate", "audio_bit_rate"):
            rate = getattr(self, name)
            if not 0 <= rate < math.inf:
                raise ValueError(f"{name} is {rate}; it must be finite, and at least 0")
