"""Tracks of faces over time: matching, gaps, and the smooth square box of every row. Pure, no pictures."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from avdf.pipeline.faces.detection import Box, Detection

_AHEAD = 5  # rows for which a face's motion is thought to go on


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
