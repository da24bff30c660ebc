"""Which of several faces is the main one, and how many there are."""

from bisect import bisect_left
from collections.abc import Sequence

from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.faces.track import FaceTrack

# Motion of a face that talks. Measured: 0.03 to 0.09 for speakers of GRID, at most 0.03 for
# photographs in a shaking hand.
_TALKING_MOTION = 0.06


def main_tracks(
    tracks: Sequence[FaceTrack],
    least_rows: int,
    motions: Sequence[float] = (),
) -> list[FaceTrack]:
    """The tracks of the main face at each time, in order of time.

    The main face is the one with the most rows x side. Tracks are kept in that order, each where no
    kept one is in its rows, and where it has at least `least_rows`.

    Args:
        motions: how much each face itself moves. A face that moves little counts less, by the
            square of its motion: a photograph gives way to a person who talks unless it has ten
            times as many rows x side or more. Empty: all count the same.
    """
    kept: list[FaceTrack] = []  # in order of time
    for track in _heaviest_first(tracks, motions):
        position = bisect_left(
            kept,
            track.first,
            key=lambda other: other.first,
        )
        # Only its neighbours in time can be in its rows: the kept tracks do not overlap.
        free_before = position == 0 or kept[position - 1].last < track.first
        free_after = position == len(kept) or track.last < kept[position].first
        if free_before and free_after and len(track) >= least_rows:
            kept.insert(position, track)
    return kept


def _heaviest_first(
    tracks: Sequence[FaceTrack],
    motions: Sequence[float],
) -> list[FaceTrack]:
    """The tracks by their weight; of two with the same, the one that begins earlier first."""
    weights = _weights(tracks, motions)
    indices = range(len(tracks))
    order = sorted(
        indices,
        key=lambda index: (-weights[index], tracks[index].first),
    )
    return [tracks[index] for index in order]


def _weights(
    tracks: Sequence[FaceTrack],
    motions: Sequence[float],
) -> list[float]:
    """Rows x side of each track, less for a face that hardly moves."""
    sizes = [len(track) * track.side for track in tracks]
    if not motions:
        return sizes
    factors = [min(1.0, motion / _TALKING_MOTION) ** 2 for motion in motions]
    return [size * factor for size, factor in zip(sizes, factors, strict=True)]


def count_other_faces(
    kept: Sequence[FaceTrack],
    others: Sequence[FaceTrack],
) -> int:
    """The largest number of other faces at once, among those that share rows with a kept one."""
    kept_rows = [RowSpan(track.first, track.last) for track in kept]

    def meets_kept(track: FaceTrack) -> bool:
        rows = RowSpan(track.first, track.last)
        return any(rows.meets(span) for span in kept_rows)

    meeting = [track for track in others if meets_kept(track)]
    return most_faces_at_once(meeting)


def most_faces_at_once(tracks: Sequence[FaceTrack]) -> int:
    """The largest number of faces in one row."""
    begins = [(track.first, 1) for track in tracks]
    ends = [(track.last + 1, -1) for track in tracks]
    most = now = 0
    # In order of rows; at one row, faces end (-1) before others begin (1).
    for _, change in sorted(begins + ends):
        now += change
        most = max(most, now)
    return most
