"""What a detector of others is given: frames and sound of a window, or of a whole video."""

from dataclasses import dataclass

import numpy as np

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.model.verdicts import PerVerdict


@dataclass(frozen=True, eq=False)
class PeerTrack:
    """One unbroken run of one face, with the sound of that time.

    start   seconds of the file's own time at its first row
    frames  (n, S, S, 3) uint8 RGB, 25 per second; black where the video has no picture
    pcm     (640 n,) int16, 16 kHz, one channel: row r owns samples 640 r up to 640 (r + 1)

    Raises:
        ValueError: the lengths do not fit each other.
    """

    start: float
    frames: UInt8Array
    pcm: Pcm

    def __post_init__(self) -> None:
        samples = len(self.frames) * SAMPLES_PER_FRAME
        if self.frames.ndim != 4 or self.pcm.shape != (samples,):
            raise ValueError(
                f"a track of frames {self.frames.shape} with sound {self.pcm.shape}"
            )


@dataclass(frozen=True, eq=False)
class PeerFootage:
    """A window of 16 rows, or a whole video. Its name, path and labels are not given.

    tracks       of a window, one of 16 rows; of a video all, in their order
    has_picture  False where only the sound of the video was prepared
    has_sound    False where none of the sound of the video is louder than -60 dB
    """

    tracks: tuple[PeerTrack, ...]
    has_picture: bool = True
    has_sound: bool = True

    @property
    def frames(self) -> UInt8Array:
        """(n, S, S, 3) uint8 RGB of all tracks, one after another; of a window n is 16."""
        if len(self.tracks) == 1:
            return self.tracks[0].frames
        return np.concatenate([track.frames for track in self.tracks])

    @property
    def pcm(self) -> Pcm:
        """(640 n,) int16 of all tracks, one after another."""
        if len(self.tracks) == 1:
            return self.tracks[0].pcm
        return np.concatenate([track.pcm for track in self.tracks])


@dataclass(frozen=True, eq=False)
class PeerExample:
    """Footage of a training video, with its labels: 0 real, 1 fake, -1 unknown."""

    footage: PeerFootage
    labels: PerVerdict[int]
