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
        tracks = []
        for track in self.tracks:
            windows = track.windows.without_audio(silent)
            tracks.append(replace(track, windows=windows))
        segments = self.segments.without_audio(silent)
        return replace(self, segments=segments, tracks=tuple(tracks))

    def as_video(self, index: int) -> "Measured":
        """What was measured of a single video, under the index that it has in a list."""
        tracks = []
        for track in self.tracks:
            windows = _as_video(track.windows, index)
            tracks.append(replace(track, video=index, windows=windows))
        segments = _as_video(self.segments, index)
        # A single video has at most one reason.
        damaged = {}
        for reason in self.damaged.values():
            damaged[index] = reason
        return Measured(segments, self.starts, tuple(tracks), damaged)


def _as_video(scores: SegmentScores, index: int) -> SegmentScores:
    return replace(scores, video=np.full(len(scores.video), index, np.int64))


def join_measured(parts: Sequence[Measured]) -> Measured:
    """What was measured of several videos as one."""
    starts: list[float] = []
    tracks: list[TrackScores] = []
    damaged: dict[int, str] = {}
    for part in parts:
        starts += part.starts
        tracks += part.tracks
        damaged |= part.damaged
    segments = join_segments([part.segments for part in parts])
    return Measured(segments, tuple(starts), tuple(tracks), damaged)
