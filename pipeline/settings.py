"""Settings that shape what preparation writes, and limits that make hostile input harmless."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from avdf.cache.core.clock import FRAME_RATE, FRAME_SIZE, SAMPLE_RATE
from avdf.cache.core.errors import SettingsError
from avdf.cache.shards.codec import FrameCodec

Faces = Literal["main", "all", "people"]

# Pixels. The network that finds faces looks at 12 x 12.
LEAST_FACE, LARGEST_FACE = 12, 4096


@dataclass(frozen=True)
class Limits:
    """What one input may cost. An input beyond a limit gets a status; it never ends the job.

    seconds         of the video's own time
    pixels          of one frame
    streams         in one file
    probe_timeout   seconds of wall time for one question about a file
    decode_timeout  seconds of wall time for each 10 minutes of video that are begun
    stall_timeout   seconds of wall time without a new frame
    """

    seconds: float = 6 * 3600.0
    pixels: int = 8192 * 4320
    streams: int = 64
    probe_timeout: float = 30.0
    decode_timeout: float = 1800.0
    stall_timeout: float = 60.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 < value < math.inf:  # written so that NaN is refused too
                raise SettingsError(
                    f"limit {name} is {value}; it must be above 0 and finite"
                )


@dataclass(frozen=True)
class FaceSettings:
    """How faces are found and followed.

    Lengths of time are in frames of 25 fps. Sizes are fractions of the frame's long side, unless
    they are in pixels. Luma differences are means, in levels of 255.
    """

    # Searching. Small faces are searched in a larger copy of the frame, where no larger face is.
    search_side: int = 288  # pixels: long side of the copy in which faces are searched
    search_face: float = 1 / 8  # smallest face of the first search
    fine_side: int = 640  # pixels: the same for the finer search
    fine_face: float = 1 / 16  # smallest face of the finer search
    every_face: float = 1 / 32  # smallest face of each search for every face
    # Pixels: smallest face of each search, instead of the above; 0: not given.
    smallest: int = 0

    # Confidence.
    probability: float = 0.95  # least mean probability of a track
    confirm: float = 0.7  # least probability with which a face is followed on

    # Rhythm.
    interval: int = 25  # frames that are decided at once
    # Most frames between searches while all is calm and all faces are known.
    search_stride: int = 75
    refine_stride: int = 5  # frames between confirmations of a face that is followed

    # Calm: luma differences from the last searched frame that ask for another search.
    calm: float = 10.0  # of the whole frame
    # Of a part as large as the smallest face, where no face is known.
    calm_part: float = 20.0

    # Sudden changes, by the luma difference from one frame to the next.
    jump: float = 6.0  # least difference that may be a cut or a flash
    jump_ratio: float = 3.0  # and at least so many times the usual difference
    cut: float = 28.0  # difference that no motion causes
    # Most frames for which a flash, a torn or a black frame disturbs a shot.
    brief: int = 5
    alike: float = 0.86  # likeness from which on a face is the one before the jump
    frozen: int = 50  # least repeats of one frame that are no recording of a face

    # Tracks and crops.
    join_gap: int = 12  # frames for which a face may be lost without breaking its track
    smooth: int = 6  # frames to each side over which the box is averaged
    margin: float = 1.3  # side of the crop / long side of the face box

    def __post_init__(self) -> None:
        if not 1 <= self.refine_stride <= self.interval <= self.search_stride:
            order = "1 <= refine_stride <= interval <= search_stride"
            raise SettingsError(f"lengths must satisfy {order}")
        if self.smallest and not LEAST_FACE <= self.smallest <= LARGEST_FACE:
            advice = f"use {LEAST_FACE} to {LARGEST_FACE}, or 0 for the default"
            raise SettingsError(f"smallest face of {self.smallest} pixels: {advice}")
        if self.margin < 1:
            problem = f"margin {self.margin} would cut into the face"
            raise SettingsError(f"{problem}; it must be at least 1")
        if not 0 < self.confirm <= 1 or not 0 < self.probability <= 1:
            raise SettingsError(
                "confirm and probability are probabilities: above 0, at most 1"
            )


@dataclass(frozen=True)
class PrepSettings:
    """Everything that decides the content of a shard, and nothing else.

    faces             `main`: the main face at each time; `all`: every face, however small;
                      `people`: every face that is found as for `main`, tracks of one person with
                      one number
    videos_per_shard  0: chosen from the number of videos, at most 32
    """

    codec: FrameCodec = field(default_factory=FrameCodec)
    faces: Faces = "main"
    face: FaceSettings = field(default_factory=FaceSettings)
    limits: Limits = field(default_factory=Limits)
    videos_per_shard: int = 0

    def __post_init__(self) -> None:
        if self.faces not in get_args(Faces):
            known = ", ".join(get_args(Faces))
            raise SettingsError(f"faces is {self.faces!r}; use one of {known}")
        if self.videos_per_shard < 0:
            advice = "use a number above 0, or 0 to choose it from the number of videos"
            raise SettingsError(f"{self.videos_per_shard} videos per shard; {advice}")

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with the fixed frame rate, sample rate and frame size."""
        clock = {
            "fps": FRAME_RATE,
            "sample_rate": SAMPLE_RATE,
            "frame_size": FRAME_SIZE,
        }
        return {**asdict(self), **clock}
