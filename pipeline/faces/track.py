"""The track of one face over time: where it was seen, and the smooth square box of every row."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from avdf.pipeline.faces.boxes import interpolate
from avdf.pipeline.faces.detection import Box, Detection

_EXTRAPOLATED_ROWS = 5  # for so many rows the motion of a face is expected to go on


@dataclass(eq=False)
class FaceTrack:
    """One face over an unbroken run of rows.

    rows        the rows in which it was seen; between them its box is interpolated
    detections  what was seen in each of them
    """

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
        """The box of the last detection."""
        return self.detections[-1].box

    @property
    def probability(self) -> float:
        """Mean over the detections of searches.

        A detection that only confirms a known face says less about whether it is one.
        """
        found = [
            detection.probability for detection in self.detections if detection.searched
        ]
        return float(np.mean(found)) if found else 0.0

    @property
    def side(self) -> float:
        """Mean length of the face's longer side, in pixels."""
        sides = [detection.side for detection in self.detections]
        return float(np.mean(sides))

    def add(self, row: int, detection: Detection) -> None:
        """Add the next detection.

        Raises:
            ValueError: the row is not after the last one.
        """
        if self.rows and row <= self.last:
            raise ValueError(f"detections go forward: row {row} after row {self.last}")
        self.rows.append(row)
        self.detections.append(detection)

    def predicted_box(self, row: int) -> Box:
        """Where the face would be at a later row if it kept its last speed."""
        rows_ahead = row - self.last
        is_near = 0 < rows_ahead <= _EXTRAPOLATED_ROWS
        if len(self.rows) < 2 or not is_near:
            return self.box
        before = self.detections[-2].box
        rows_between = self.last - self.rows[-2]
        moved = self.box - before
        speed = moved / rows_between
        box = self.box + speed * rows_ahead
        return np.asarray(box, np.float32)

    def at(self, row: int) -> Detection:
        """The detection of a row of the track; where there is none, an interpolated one."""
        index = bisect_left(self.rows, row)
        if self.rows[index] == row:
            return self.detections[index]
        # It lies between two detections: its box is interpolated, the rest is the nearer one's.
        start = self.rows[index - 1]
        end = self.rows[index]
        share = (row - start) / (end - start)
        before = self.detections[index - 1]
        after = self.detections[index]
        nearer = before if share <= 0.5 else after
        box = interpolate(before.box, after.box, share)
        return Detection(box, nearer.probability, searched=False)

    def part(self, first: int, last: int) -> "FaceTrack":
        """The track from row `first` to row `last`, both within it."""
        start = bisect_left(self.rows, first)
        stop = bisect_right(self.rows, last)
        # Both ends get a detection of their own, so that the part has boxes in all of its rows.
        rows = sorted({first, last, *self.rows[start:stop]})
        detections = [self.at(row) for row in rows]
        return FaceTrack(rows, detections)

    def probabilities(
        self,
        start: int,
        stop: int,
    ) -> npt.NDArray[np.float32]:
        """(stop - start,) probability of the detection that is nearest to each row."""
        near = self._near(start, stop)
        wanted = np.arange(start, stop)
        rows = np.array(self.rows[near])
        # The detections on both sides of each row; at the track's ends, twice the same one.
        position = np.searchsorted(rows, wanted)
        after = position.clip(max=len(rows) - 1)
        before = (after - 1).clip(min=0)
        to_before = np.abs(wanted - rows[before])
        to_after = np.abs(wanted - rows[after])
        nearest = np.where(to_before <= to_after, before, after)
        values = [detection.probability for detection in self.detections[near]]
        return np.array(values, np.float32)[nearest]

    def squares(
        self,
        start: int,
        stop: int,
        smooth: int,
        margin: float,
    ) -> npt.NDArray[np.float32]:
        """(stop - start, 4) smooth square boxes of the rows.

        Each is `margin` times as long as the face's longer side, and an average over `smooth` rows
        to each side with the weights of a triangle.
        """
        near = self._near(start - smooth, stop + smooth)
        boxes = [detection.box for detection in self.detections[near]]
        x1, y1, x2, y2 = np.stack(boxes).astype(np.float64).T
        centre_x = (x1 + x2) / 2
        centre_y = (y1 + y2) / 2
        long_side = np.maximum(x2 - x1, y2 - y1)

        steps = np.arange(-smooth, smooth + 1)
        triangle = smooth + 1 - np.abs(steps)
        weights = triangle.astype(np.float64)
        rows = np.arange(start, stop)
        wanted = rows[:, None] + steps[None]
        # The triangle ends at the track's ends, so that a box never rests on another shot. A row
        # just outside of the track still has its own box, which is the nearest one.
        begun = wanted >= self.first
        not_ended = wanted <= self.last
        weight = np.where(begun & not_ended, weights, 0.0)
        weight[:, smooth] = weights[smooth]

        def smoothed(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            interpolated = np.interp(wanted, self.rows[near], values)
            sums = (interpolated * weight).sum(1)
            return np.asarray(sums / weight.sum(1), np.float64)

        x = smoothed(centre_x)
        y = smoothed(centre_y)
        half = smoothed(long_side) * margin / 2
        corners = [x - half, y - half, x + half, y + half]
        return np.stack(corners, axis=1).astype(np.float32)

    def _near(self, start: int, stop: int) -> slice:
        """The detections that decide rows [start, stop).

        A long track is asked for piece by piece: the cost of a piece must not grow with the track.
        """
        # One detection more at both ends: boxes are interpolated between two.
        first = bisect_left(self.rows, start) - 1
        after = bisect_right(self.rows, stop) + 1
        return slice(max(0, first), after)
