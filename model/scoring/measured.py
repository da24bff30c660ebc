"""What the detector measured of the videos: segments, whole tracks, and what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.tracks import TrackScores

NOT_FINITE = "its scores are not finite numbers"


@dataclass(frozen=True)
class Measured:
    """Scores of segments, each of which names its video by the index in the list that was scored.

    segments  of the videos that could be read, non-overlapping
    starts    seconds at which each segment starts, in the file's own time
    tracks    whole face tracks, where a timeline was asked for
    damaged   index of a video -> why it has no scores
    """

    segments: SegmentScores
    starts: tuple[float, ...]
    tracks: tuple[TrackScores, ...] = ()
    damaged: Mapping[int, str] = field(default_factory=dict)

    def without_audio(self, silent: Sequence[int]) -> "Measured":
        """The same where only the frames of these videos are judged: they have no audio."""
        tracks = []
        for track in self.tracks:
            windows = track.windows.without_audio(silent)
            tracks.append(replace(track, windows=windows))
        segments = self.segments.without_audio(silent)
        return replace(self, segments=segments, tracks=tuple(tracks))
