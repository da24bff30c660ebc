"""Tracks of faces over time: matching, gaps, and the smooth square box of every row. Pure, no pictures."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from avdf.pipeline.faces.detect import Box, Detection

_LEAST_OVERLAP = 0.25
_TALKS = (
    0.06  # motion of a face that talks (GRID's speakers: 0.03 to 0.09; photographs: up to 0.03)
)
_AHEAD = 5  # rows for which a face's motion is thought to go on


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes."""
    corner = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.clip(corner, 0, None)))
    areas = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]))
    return shared / (areas - shared) if areas > shared else 0.0


def match(known: Sequence[Box], found: Sequence[Box]) -> list[tuple[int, int]]:
    """Pairs (index in known, index in found) with the largest total overlap, each pair of at least 0.25."""
    if not known or not found:
        return []
    scores = np.array([[overlap(a, b) for b in found] for a in known])
    rows, columns = linear_sum_assignment(-scores)
    return [
        (int(a), int(b))
        for a, b in zip(rows, columns, strict=True)
        if scores[a, b] >= _LEAST_OVERLAP
    ]


@dataclass(eq=False)
class FaceTrack:
    """One face over an unbroken run of rows: where it was seen. Between those rows the box is interpolated."""

    rows: list[int] = field(default_factory=list)
    detections: list[Detection] = field(default_factory=list)

    @property
    def first(self) -> int:
        return self.rows[0]

    @property
    def last(self) -> int:
        return self.rows[-1]

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def box(self) -> Box:
        """Where the face was seen last."""
        return self.detections[-1].box

    @property
    def probability(self) -> float:
        """Mean over the searches that found it; what only confirms a face says less of whether it is one."""
        found = [detection.probability for detection in self.detections if detection.searched]
        return float(np.mean(found)) if found else 0.0

    @property
    def side(self) -> float:
        """Mean long side of the face, in pixels."""
        return float(np.mean([detection.side for detection in self.detections]))

    def see(self, row: int, detection: Detection) -> None:
        """Add the next sighting."""
        if self.rows and row <= self.last:
            raise ValueError(f"sightings go forward: row {row} after row {self.last}")
        self.rows.append(row)
        self.detections.append(detection)

    def ahead(self, row: int) -> Box:
        """Where the face would be at a later row if it went on moving as it did last."""
        if len(self.rows) < 2 or not 0 < row - self.last <= _AHEAD:
            return self.box
        speed = (self.box - self.detections[-2].box) / (self.last - self.rows[-2])
        return np.asarray(self.box + speed * (row - self.last), np.float32)

    def at(self, row: int) -> Detection:
        """The sighting of a row of the track; where there is none, the box is interpolated."""
        index = bisect_left(self.rows, row)
        if self.rows[index] == row:
            return self.detections[index]
        start, end = self.rows[index - 1], self.rows[index]
        share = (row - start) / (end - start)
        before, after = self.detections[index - 1], self.detections[index]
        box = np.asarray(before.box + (after.box - before.box) * share, np.float32)
        return Detection(box, (before if share <= 0.5 else after).probability, searched=False)

    def part(self, first: int, last: int) -> "FaceTrack":
        """The track from row `first` to row `last`, which lie in it."""
        inside = slice(bisect_left(self.rows, first), bisect_right(self.rows, last))
        seen = dict(zip(self.rows[inside], self.detections[inside], strict=True))
        rows = sorted({first, last, *seen})
        return FaceTrack(rows, [seen[row] if row in seen else self.at(row) for row in rows])

    def probabilities(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        """Of the sighting that each row in [start, stop) rests on: the nearest one."""
        near = self._near(start, stop)
        wanted, rows = np.arange(start, stop), np.array(self.rows[near])
        after = np.searchsorted(rows, wanted).clip(max=len(rows) - 1)
        before = (after - 1).clip(min=0)
        nearest = np.where(
            np.abs(wanted - rows[before]) <= np.abs(wanted - rows[after]), before, after
        )
        values = np.array(
            [detection.probability for detection in self.detections[near]], np.float32
        )
        return values[nearest]

    def squares(self, start: int, stop: int, smooth: int, margin: float) -> npt.NDArray[np.float32]:
        """(stop - start, 4) square boxes of the rows: margin x the face's long side, averaged over +- `smooth` rows.

        The average is a triangle, cut off at the track's ends, so that a box never rests on another shot.
        """
        near = self._near(start - smooth, stop + smooth)
        rows = self.rows[near]
        boxes = np.stack([detection.box for detection in self.detections[near]]).astype(np.float64)
        shape = np.stack(
            [
                (boxes[:, 0] + boxes[:, 2]) / 2,
                (boxes[:, 1] + boxes[:, 3]) / 2,
                np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]),
            ],
            axis=1,
        )
        steps = np.arange(-smooth, smooth + 1)
        weights = (smooth + 1 - np.abs(steps)).astype(np.float64)
        wanted = np.arange(start, stop)[:, None] + steps[None]
        inside = (wanted >= self.first) & (wanted <= self.last)
        weight = np.where(inside, weights, 0.0)
        weight[:, smooth] = weights[smooth]  # a row just outside still has its own, nearest, box
        smoothed = [
            (np.interp(wanted, rows, shape[:, column]) * weight).sum(1) / weight.sum(1)
            for column in range(3)
        ]
        x, y, half = smoothed[0], smoothed[1], smoothed[2] * margin / 2
        return np.stack([x - half, y - half, x + half, y + half], axis=1).astype(np.float32)

    def _near(self, start: int, stop: int) -> slice:
        """The sightings that decide rows [start, stop): a long track is asked for piece by piece."""
        return slice(max(0, bisect_left(self.rows, start) - 1), bisect_right(self.rows, stop) + 1)


def within(squares: npt.NDArray[np.float32], width: int, height: int) -> npt.NDArray[np.float32]:
    """Squares that are larger than the picture's long side cut down to it, and moved so that they hold all of it.

    A face that fills the picture has nothing around it: more than the whole picture would only be black.
    """
    largest = max(width, height)
    side = squares[:, 2] - squares[:, 0]
    size = np.array([width, height], np.float32)
    centre = (squares[:, :2] + squares[:, 2:]) / 2
    middle = np.clip(
        centre, size - largest / 2, largest / 2
    )  # the picture lies inside between these
    fitted = np.concatenate([middle - largest / 2, middle + largest / 2], axis=1)
    return np.where((side > largest)[:, None], fitted, squares).astype(np.float32)


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


def beside(kept: Sequence[FaceTrack], others: Sequence[FaceTrack]) -> int:
    """The largest number of other faces at once while a kept one is there."""
    spans = [(track.first, track.last) for track in kept]
    return people(
        [other for other in others if any(other.first <= b and a <= other.last for a, b in spans)]
    )


def people(tracks: Sequence[FaceTrack]) -> int:
    """The largest number of faces seen at once."""
    events = sorted(
        [(track.first, 1) for track in tracks] + [(track.last + 1, -1) for track in tracks]
    )
    most = now = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most
