"""What the detector measured of the videos: segments, whole tracks, and what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from avdf.model.inference.segments import Mask, SegmentScores
from avdf.model.inference.tracks import TrackScores
from avdf.model.speaking.speech import IntArray

NOT_FINITE = "its scores are not finite numbers"


@dataclass(frozen=True)
class SegmentFaces:
    """Whom each of n segments shows.

    face    (n,) the number of the person in the video, from 1; 0 where nobody is seen
    speech  (n,) whether the person speaks in it: values of `Speech`

    Raises:
        ValueError: the arrays are of different lengths.
    """

    face: IntArray
    speech: IntArray

    def __post_init__(self) -> None:
        if self.face.shape != self.speech.shape:
            raise ValueError(
                f"{self.face.shape} faces with {self.speech.shape} states of speech"
            )

    def chosen(self, mask: Mask) -> "SegmentFaces":
        """Those of the segments under a mask (n,)."""
        return SegmentFaces(self.face[mask], self.speech[mask])


def segment_faces(tracks: Sequence[tuple[int, IntArray]]) -> SegmentFaces:
    """Whom the segments of several tracks show, one track after another.

    Args:
        tracks: the face of each track, and (segments,) whether it speaks in each of its segments.
    """
    none = np.empty(0, np.int64)
    faces = [np.full(len(speech), face, np.int64) for face, speech in tracks]
    speech = [np.asarray(states, np.int64) for _, states in tracks]
    return SegmentFaces(np.concatenate([none, *faces]), np.concatenate([none, *speech]))


@dataclass(frozen=True)
class Measured:
    """Scores of segments, each of which names its video by the index in the list that was scored.

    segments  of the videos that could be read, non-overlapping
    starts    seconds at which each segment starts, in the file's own time
    tracks    whole face tracks, where a timeline was asked for
    damaged   index of a video -> why it has no scores
    faces     whom each segment shows; None for shards, which do not tell persons apart
    """

    segments: SegmentScores
    starts: tuple[float, ...]
    tracks: tuple[TrackScores, ...] = ()
    damaged: Mapping[int, str] = field(default_factory=dict)
    faces: SegmentFaces | None = None

    def without_audio(self, silent: Sequence[int]) -> "Measured":
        """The same where only the frames of these videos are judged: they have no audio."""
        tracks = []
        for track in self.tracks:
            windows = track.windows.without_audio(silent)
            tracks.append(replace(track, windows=windows))
        segments = self.segments.without_audio(silent)
        return replace(self, segments=segments, tracks=tuple(tracks))

    def judged(self) -> "Measured":
        """The same without the videos of which this run judges nothing."""
        kept = self.segments.is_judged
        if kept.all():
            return self
        starts = tuple(np.array(self.starts)[kept].tolist())
        tracks = [track for track in self.tracks if track.windows.is_judged.any()]
        return replace(
            self,
            segments=self.segments.chosen(kept),
            starts=starts,
            tracks=tuple(tracks),
            faces=self.faces.chosen(kept) if self.faces else None,
        )

    def without_picture(self, unseen: Sequence[int]) -> "Measured":
        """The same where only the audio of these videos is judged: they have no picture."""
        tracks = []
        for track in self.tracks:
            windows = track.windows.without_picture(unseen)
            tracks.append(replace(track, windows=windows))
        segments = self.segments.without_picture(unseen)
        return replace(self, segments=segments, tracks=tuple(tracks))
