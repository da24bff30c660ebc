"""All that shapes what preparation writes, and the limits that keep hostile input harmless."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from avdf.cache.core.clock import FRAME_RATE, FRAME_SIZE, SAMPLE_RATE
from avdf.cache.core.errors import SettingsError
from avdf.cache.shards.codec import FrameCodec

Faces = Literal["main", "all"]

_LEAST_FACE, _LARGEST_FACE = 12, 4096  # pixels; what finds faces looks at 12 x 12


@dataclass(frozen=True)
class Limits:
    """What one input may cost. An input beyond a limit gets a status; it never ends the job."""

    seconds: float = 6 * 3600.0  # of the video's own time
    pixels: int = 8192 * 4320  # of one picture
    streams: int = 64
    probe_timeout: float = 30.0  # seconds of wall time
    decode_timeout: float = (
        1800.0  # seconds of wall time for each 10 minutes of video that are begun
    )
    stall_timeout: float = 60.0  # seconds without a new picture

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 < value < math.inf:  # NaN is not
                raise SettingsError(f"limit {name} is {value}; it must be above 0 and finite")


@dataclass(frozen=True)
class FaceSettings:
    """How faces are found and followed. Lengths in frames of 25 fps; sizes as fractions of the picture's long side."""

    search_side: int = 288  # pixels, long side of the picture in which faces are searched
    search_face: float = 1 / 8  # smallest face of the first search
    fine_side: int = 640  # a second, finer search where the first finds nothing
    fine_face: float = 1 / 16
    every_face: float = 1 / 32  # smallest face of each search where every face is asked for
    smallest: int = (
        0  # pixels, smallest face that is looked for in each search, instead of these; 0: not given
    )
    probability: float = 0.95  # least mean probability of a track
    confirm: float = 0.7  # least probability with which a face is followed on
    interval: int = 25  # frames that are decided at once
    search_stride: int = 75  # most frames between searches while every known face is followed and the picture is calm
    refine_stride: int = 5  # frames between confirmations of a face that is followed
    calm: float = 10.0  # luma difference (0-255, mean) from the last searched picture that asks for another search
    calm_part: float = 20.0  # the same in one part of the picture, the size of the smallest face, where no face is known
    jump: float = (
        6.0  # luma difference from one picture to the next that may be a cut or a flash, at least
    )
    jump_ratio: float = 3.0  # and so many times what the last pictures changed by
    cut: float = 28.0  # luma difference that no motion causes
    brief: int = 5  # most frames for which a flash, a torn or a black frame disturbs a shot
    alike: float = 0.86  # likeness with which a face after a jump is the one before it
    frozen: int = 50  # frames of one repeated picture that are no recording of a face
    join_gap: int = 12  # frames for which a face may be lost without breaking its track
    smooth: int = 6  # frames to each side over which the box is averaged
    margin: float = 1.3  # side of the crop / long side of the face box

    def __post_init__(self) -> None:
        if not 1 <= self.refine_stride <= self.interval <= self.search_stride:
            raise SettingsError(
                "lengths must satisfy 1 <= refine_stride <= interval <= search_stride"
            )
        if self.smallest and not _LEAST_FACE <= self.smallest <= _LARGEST_FACE:
            raise SettingsError(
                f"smallest face of {self.smallest} pixels: use {_LEAST_FACE} to {_LARGEST_FACE}, or 0 for the default"
            )
        if self.margin < 1:
            raise SettingsError(
                f"margin {self.margin} would cut into the face; it must be at least 1"
            )
        if not 0 < self.confirm <= 1 or not 0 < self.probability <= 1:
            raise SettingsError("confirm and probability are probabilities: above 0, at most 1")


@dataclass(frozen=True)
class PrepSettings:
    """Everything that decides the content of a shard, and nothing else."""

    codec: FrameCodec = field(default_factory=FrameCodec)
    faces: Faces = "main"
    face: FaceSettings = field(default_factory=FaceSettings)
    limits: Limits = field(default_factory=Limits)
    videos_per_shard: int = 0  # 0: chosen from the number of videos, at most 32

    def __post_init__(self) -> None:
        if self.faces not in ("main", "all"):
            raise SettingsError(f"faces is {self.faces!r}; use main or all")
        if self.videos_per_shard < 0:
            raise SettingsError(
                f"{self.videos_per_shard} videos per shard; use 0 (by their number) or more"
            )

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with the fixed clock beside them."""
        clock = {"fps": FRAME_RATE, "sample_rate": SAMPLE_RATE, "frame_size": FRAME_SIZE}
        return {**asdict(self), **clock}
