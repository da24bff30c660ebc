"""What the detector measured of the videos: segments, whole tracks, and what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from avdf.model.inference.segments import SegmentScores, join_segments
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
        return replace(
            self,
            segments=self.segments.without_sound(silent),
            tracks=tuple(
                replace(track, windows=track.windows.without_sound(silent)) for track in self.tracks
            ),
        )

    def of_video(self, index: int) -> "Measured":
        """The same as measured of one video, which has this index."""
        video = np.full(len(self.segments.video), index, np.int64)
        reasons = list(self.damaged.values())
        return replace(
            self,
            segments=replace(self.segments, video=video),
            tracks=tuple(_track_of(track, index) for track in self.tracks),
            damaged={index: reasons[0]} if reasons else {},
        )


def _track_of(track: TrackScores, index: int) -> TrackScores:
    video = np.full(len(track.windows.video), index, np.int64)
    return replace(track, video=index, windows=replace(track.windows, video=video))


def join_measured(parts: Sequence[Measured]) -> Measured:
    """What was measured of several videos as one."""
    damaged: dict[int, str] = {}
    for part in parts:
        damaged |= part.damaged
    return Measured(
        segments=join_segments([part.segments for part in parts]),
        starts=tuple(start for part in parts for start in part.starts),
        tracks=tuple(track for part in parts for track in part.tracks),
        damaged=damaged,
    )
