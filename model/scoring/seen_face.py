"""When and where each person of a file was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import PreparedVideo, Track


@dataclass(frozen=True)
class SeenFace:
    """When and where one person was seen.

    face            the number of the person in the video, from 1
    start, end      seconds of the file's own time: first and last seen
    share           of the time that frames and audio have in common, in [0, 1]
    tracks          how many unbroken runs of frames show it
    x1, y1, x2, y2  mean of the squares that were cropped, in pixels of the upright frame
    note            what preparation noticed
    """

    face: int
    start: float
    end: float
    share: float
    tracks: int
    x1: float
    y1: float
    x2: float
    y2: float
    note: str = ""

    @property
    def middle(self) -> float:
        """Pixels from the left edge of the frame to the middle of the face."""
        return (self.x1 + self.x2) / 2


def seen_faces(video: PreparedVideo) -> tuple[SeenFace, ...]:
    """Every person of a video, in order of their numbers; nobody is seen of sound alone."""
    if not video.has_picture:
        return ()
    numbers = sorted({track.face for track in video.tracks})
    return tuple(
        _seen(number, [track for track in video.tracks if track.face == number], video)
        for number in numbers
    )


def _seen(number: int, tracks: Sequence[Track], video: PreparedVideo) -> SeenFace:
    ends = [track.start + len(track) / FRAME_RATE for track in tracks]
    rows = sum(len(track) for track in tracks)
    boxes = np.concatenate([track.boxes for track in tracks])
    x1, y1, x2, y2 = boxes.mean(axis=0, dtype=np.float64).tolist()
    return SeenFace(
        face=number,
        start=round(video.offset + min(track.start for track in tracks), 3),
        end=round(video.offset + max(ends), 3),
        share=round(min(1.0, rows / FRAME_RATE / video.duration), 3),
        tracks=len(tracks),
        x1=round(x1, 1),
        y1=round(y1, 1),
        x2=round(x2, 1),
        y2=round(y2, 1),
        note="; ".join(dict.fromkeys(track.note for track in tracks if track.note)),
    )
