"""Which of several faces is the main one, and how many there are."""

from bisect import bisect_left
from collections.abc import Sequence

from avdf.pipeline.faces.track import FaceTrack

_TALKS = (
    0.06  # motion of a face that talks (GRID's speakers: 0.03 to 0.09; photographs: up to 0.03)
)


def main_tracks(
    tracks: Sequence[FaceTrack], least_rows: int, motions: Sequence[float] = ()
) -> list[FaceTrack]:
    """The main face at each time: tracks by rows x side, each kept where none kept overlaps it.

    `motions`, where given, are how much each face itself moves. A face that moves little weighs less, by the square
    of it: a photograph stands back for somebody who talks unless it has ten times as many rows x side or more.
    """
    calm = [min(1.0, motion / _TALKS) ** 2 for motion in motions] or [1.0] * len(tracks)
    weights = [len(track) * track.side * weight for track, weight in zip(tracks, calm, strict=True)]
    kept: list[FaceTrack] = []  # in order of time
    for index in sorted(
        range(len(tracks)), key=lambda index: (-weights[index], tracks[index].first)
    ):
        track = tracks[index]
        place = bisect_left(kept, track.first, key=lambda other: other.first)
        apart = (place == 0 or kept[place - 1].last < track.first) and (
            place == len(kept) or track.last < kept[place].first
        )
        if apart and len(track) >= least_rows:
            kept.insert(place, track)
    return kept


def count_other_faces(kept: Sequence[FaceTrack], others: Sequence[FaceTrack]) -> int:
    """The largest number of other faces at once while a kept one is there."""
    spans = [(track.first, track.last) for track in kept]
    return most_faces_at_once(
        [other for other in others if any(other.first <= b and a <= other.last for a, b in spans)]
    )


def most_faces_at_once(tracks: Sequence[FaceTrack]) -> int:
    """The largest number of faces seen at once."""
    events = sorted(
        [(track.first, 1) for track in tracks] + [(track.last + 1, -1) for track in tracks]
    )
    most = now = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most
