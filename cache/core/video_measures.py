"""Plain measures of a video: what it looks and sounds like, whatever is shown or said in it."""

import math
from dataclasses import asdict, dataclass


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

    def __post_init__(self) -> None:
        for name, value in self.as_dict().items():
            if value is not None and not math.isfinite(value):
                raise ValueError(f"the measure {name} of a video is {value}")

    def as_dict(self) -> dict[str, float | None]:
        """Each measure by its name."""
        return asdict(self)
