"""One video as it goes into a shard: what is known of it, and its tracks of aligned picture and sound."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import (
    FRAME_SIZE,
    MEL_BINS,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
    SEGMENT_MELS,
)
from avdf.cache.core.labels import FAKE, LABEL_COLUMNS, REAL, UNKNOWN

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Period:
    """A manipulated span, in seconds of the video's own time."""

    start: float
    end: float
    visual: int = UNKNOWN
    audio: int = UNKNOWN

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end < math.inf:
            raise ValueError(
                f"period from {self.start} s to {self.end} s does not run forward from 0"
            )
        if {self.visual, self.audio} - {REAL, FAKE, UNKNOWN}:
            raise ValueError(f"a period is labelled {self.visual}, {self.audio}; use 0, 1 or -1")


@dataclass(frozen=True)
class VideoInfo:
    """What a dataset says of one video. `id` is unique in a prepared folder; labels are 0 real, 1 fake, -1 unknown.

    `identity` is the person whose video it is; `targets` names, with spaces between, others who took part in making it
    (whose face is shown, whose voice is heard). `synthetic`: generated, not recorded. `fault`: why what the dataset
    says of this video cannot be used; such a video is a row with that reason and is not prepared.

    A fake modality makes the whole video fake; a video may also be fake with both modalities real (they do not
    belong together).
    """

    id: str
    path: str
    dataset: str = ""
    split: str = ""
    category: str = ""
    method: str = ""
    identity: str = ""
    group: str = ""
    gender: str = ""
    targets: str = ""
    synthetic: bool = False
    label: int = UNKNOWN
    label_visual: int = UNKNOWN
    label_audio: int = UNKNOWN
    periods: tuple[Period, ...] = ()
    fault: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError(f"the video {self.path!r} has no id")
        if self.split not in ("", *SPLITS):
            raise ValueError(
                f"{self.id}: split {self.split!r} is not one of {', '.join(SPLITS)} or empty"
            )
        for name in LABEL_COLUMNS:
            if getattr(self, name) not in (REAL, FAKE, UNKNOWN):
                raise ValueError(
                    f"{self.id}: {name} is {getattr(self, name)!r}, expected 0 (real), 1 (fake) or -1"
                )
        if FAKE in (self.label_visual, self.label_audio) and self.label != FAKE:
            raise ValueError(f"{self.id}: a modality is labelled fake, the video is not")

    @property
    def file(self) -> Path:
        return Path(self.path)


@dataclass(frozen=True, eq=False)
class Track:
    """One unbroken run of one face with its sound.

    start        seconds from the video's time 0 to the first row
    crops        n encoded face crops, one a row (in memory, or read when asked for)
    boxes        (n, 4) float32: the square that was cropped, x1 y1 x2 y2 in pixels of the upright picture
    probability  (n,) float32: of the detection that each row rests on
    pcm          (640 n,) int16: mono, 16 kHz
    log_mel      (n // 16, 80, 64) float16: Whisper's, of the non-overlapping segments from the first row on
    has_audio    False where all of the audio is digital silence
    """

    start: float
    crops: Sequence[bytes]
    boxes: npt.NDArray[np.float32]
    probability: npt.NDArray[np.float32]
    pcm: npt.NDArray[np.int16]
    log_mel: npt.NDArray[np.float16]
    has_audio: bool = True

    def __post_init__(self) -> None:
        rows = len(self.crops)
        expected = {
            "boxes": (rows, 4),
            "probability": (rows,),
            "pcm": (rows * SAMPLES_PER_FRAME,),
            "log_mel": (rows // SEGMENT_FRAMES, MEL_BINS, SEGMENT_MELS),
        }
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"track of {rows} rows: {name} is {getattr(self, name).shape}, expected {shape}"
                )

    def __len__(self) -> int:
        return len(self.crops)


@dataclass(frozen=True, eq=False)
class PreparedVideo:
    """A video ready for a shard.

    duration  seconds that picture and sound have in common
    faces     people followed
    offset    seconds of the file's own time at which time 0 of the tracks lies
    notes     what its row says beside its status: what was done to the picture, what was damaged
    """

    info: VideoInfo
    sha256: str
    duration: float
    faces: int
    tracks: tuple[Track, ...]
    frame_codec: str = "jpeg"
    frame_size: int = FRAME_SIZE
    offset: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.tracks or any(len(track) < SEGMENT_FRAMES for track in self.tracks):
            raise ValueError(
                f"{self.info.id}: a prepared video has tracks, each of at least {SEGMENT_FRAMES} rows"
            )
