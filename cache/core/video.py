"""One video as a shard holds it: what is known of it, and its tracks of frames and audio."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import LogMel, Pcm
from avdf.cache.core.clock import (
    FRAME_SIZE,
    MEL_BINS,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
    SEGMENT_MELS,
)
from avdf.cache.core.labels import FAKE, LABEL_COLUMNS, REAL, UNKNOWN, label_alone
from avdf.cache.core.stream_facts import StreamFacts

NO_CROP = b""  # stands for the crop of a row of sound alone

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Period:
    """A manipulated period: its start and end, and a label for each modality.

    start, end     seconds of the file's own time
    visual, audio  0 real, 1 fake, -1 unknown
    """

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
            raise ValueError(
                f"a period is labelled {self.visual}, {self.audio}; use 0, 1 or -1"
            )


@dataclass(frozen=True)
class VideoInfo:
    """What a dataset states about one video. Labels are 0 real, 1 fake, -1 unknown.

    id         unique in a prepared folder
    path       of the file
    split      train, val, test, or '' where the dataset gives none
    category   of the dataset, for example which modalities are fake
    method     that made the fake
    identity   the person whose video it is
    group      of that person, for example the ethnic group
    targets    others who took part in making it (whose face or voice it has), separated by spaces
    synthetic  generated, not recorded
    label      of the whole video: fake if a modality is fake, or if the two do not belong together
    periods    that are manipulated
    fault      why the dataset's statements cannot be used; such a video is not prepared and becomes
               a row with this reason
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
            label = getattr(self, name)
            if label not in (REAL, FAKE, UNKNOWN):
                raise ValueError(
                    f"{self.id}: {name} is {label!r}, expected 0 (real), 1 (fake) or -1"
                )
        if FAKE in (self.label_visual, self.label_audio) and self.label != FAKE:
            raise ValueError(
                f"{self.id}: a modality is labelled fake, the video is not"
            )

    @property
    def file(self) -> Path:
        """The path of the video as a `Path`."""
        return Path(self.path)

    def without_picture(self) -> "VideoInfo":
        """The same of a video of which only the sound can be judged."""
        audio = label_alone(self.label_audio, self.label_visual, self.label)
        return replace(self, label_visual=UNKNOWN, label_audio=audio)

    def without_sound(self) -> "VideoInfo":
        """The same of a video of which only the picture can be judged."""
        visual = label_alone(self.label_visual, self.label_audio, self.label)
        return replace(self, label_visual=visual, label_audio=UNKNOWN)


@dataclass(frozen=True, eq=False)
class Track:
    """One unbroken run of one face, with the audio of that time; or sound alone.

    start        seconds from the video's time 0 to the first row
    crops        n encoded face crops, one for each row (in memory, or read when asked for)
    boxes        (n, 4) float32: the square that was cropped, x1 y1 x2 y2 in pixels of the upright
                 frame
    probability  (n,) float32: of the face detection that each row relies on
    pcm          (640 n,) int16: mono, 16 kHz
    log_mel      (n // 16, 80, 64) float16: Whisper's, of the non-overlapping segments from the
                 first row on
    has_audio    False where none of the audio is louder than -60 dB
    face         number of the person, from 1, and 0 for sound alone; tracks of one person have the
                 same number. Shards do not keep it
    note         what to bear in mind about this face, in a sentence
    has_picture  False for sound alone: crops are then empty, boxes and probabilities NaN
    """

    start: float
    crops: Sequence[bytes]
    boxes: npt.NDArray[np.float32]
    probability: npt.NDArray[np.float32]
    pcm: Pcm
    log_mel: LogMel
    has_audio: bool = True
    face: int = 1
    note: str = ""
    has_picture: bool = True

    def __post_init__(self) -> None:
        rows = len(self.crops)
        segments = rows // SEGMENT_FRAMES
        self._check_shape("boxes", self.boxes.shape, (rows, 4))
        self._check_shape("probability", self.probability.shape, (rows,))
        self._check_shape("pcm", self.pcm.shape, (rows * SAMPLES_PER_FRAME,))
        self._check_shape(
            "log_mel", self.log_mel.shape, (segments, MEL_BINS, SEGMENT_MELS)
        )
        if not self.has_picture and any(self.crops):
            raise ValueError(f"track of {len(self)} rows: sound alone, but with crops")

    @classmethod
    def of_sound(cls, pcm: Pcm, log_mel: LogMel) -> "Track":
        """Sound alone, from time 0 on: pcm (640 n,) and log-mel (n // 16, 80, 64)."""
        rows = len(pcm) // SAMPLES_PER_FRAME
        return cls(
            start=0.0,
            crops=[NO_CROP] * rows,
            boxes=np.full((rows, 4), np.nan, np.float32),
            probability=np.full(rows, np.nan, np.float32),
            pcm=pcm,
            log_mel=log_mel,
            face=0,
            has_picture=False,
        )

    def _check_shape(
        self, name: str, shape: tuple[int, ...], expected: tuple[int, ...]
    ) -> None:
        if shape != expected:
            raise ValueError(
                f"track of {len(self)} rows: {name} is {shape}, expected {expected}"
            )

    def __len__(self) -> int:
        return len(self.crops)


@dataclass(frozen=True, eq=False)
class PreparedVideo:
    """A video that is ready to be written into a shard, or to be scored.

    duration  seconds that frames and audio have in common
    faces     the most faces that were followed at one time
    offset    seconds of the file's own time at which time 0 of the tracks is
    streams   what the file states of the streams that were used
    notes     what its row states besides its status: how frames were converted, which parts of the
              file were damaged
    """

    info: VideoInfo
    sha256: str
    duration: float
    faces: int
    tracks: tuple[Track, ...]
    frame_codec: str = "jpeg"
    frame_size: int = FRAME_SIZE
    offset: float = 0.0
    streams: StreamFacts = field(default_factory=StreamFacts)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.tracks or any(len(track) < SEGMENT_FRAMES for track in self.tracks):
            raise ValueError(
                f"{self.info.id}: a prepared video has tracks, "
                f"each of at least {SEGMENT_FRAMES} rows"
            )
        if len({track.has_picture for track in self.tracks}) > 1:
            raise ValueError(
                f"{self.info.id}: some tracks have a picture, others are sound alone"
            )

    @property
    def has_picture(self) -> bool:
        """Whether it has face crops; False where only its sound can be judged."""
        return self.tracks[0].has_picture

    @property
    def has_audio(self) -> bool:
        """Whether any track has audio louder than -60 dB."""
        return any(track.has_audio for track in self.tracks)
