"""Plain measures of a video: what it looks and sounds like, whatever is shown or said in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class VideoMeasures:
    """What one video, or one face of it, looks and sounds like.

    Measures of a picture or a sound that is missing are None.

    length       seconds that were examined
    face_side    pixels of the frame: median side of the square that is cropped around the face
    sharpness    of the crops: median variance of the Laplacian of their brightness
    fine_detail  of the crops: median percentage of the contrast that lies in fine detail
    loudness     of the sound: dB, 0 for the loudest possible
    noise_floor  of the sound: dB that its quietest 5 % stay below
    bandwidth    of the sound: Hz up to which it reaches
    frame_rate   mean frames per second of the file
    video_bit_rate, audio_bit_rate  kbit/s of the file's streams
    video_codec, audio_codec        of the file's streams; '' where that is not known

    Raises:
        ValueError: a measure is not a finite number.
    """

    length: float
    face_side: float | None = None
    sharpness: float | None = None
    fine_detail: float | None = None
    loudness: float | None = None
    noise_floor: float | None = None
    bandwidth: float | None = None
    frame_rate: float | None = None
    video_bit_rate: float | None = None
    audio_bit_rate: float | None = None
    video_codec: str = ""
    audio_codec: str = ""

    def __post_init__(self) -> None:
        for name, value in self.numbers.items():
            if value is not None and not math.isfinite(value):
                raise ValueError(f"the measure {name} of a video is {value}")

    @property
    def numbers(self) -> Mapping[str, float | None]:
        """Each measure that is a number, by its name."""
        return {
            name: value
            for name, value in vars(self).items()
            if not isinstance(value, str)
        }

    @property
    def codecs(self) -> Mapping[str, str]:
        """Each codec that is known, by the name of its field."""
        names = {"video_codec": self.video_codec, "audio_codec": self.audio_codec}
        return {name: codec for name, codec in names.items() if codec}
