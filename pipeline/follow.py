"""Following faces through a stream of pictures: searched rarely, confirmed often, cropped as soon as decided.

The stream is cut into intervals of at most 25 rows, which end at scene cuts. At the end of an interval every face is
known at both ends; in between, MTCNN's last network confirms it every few rows, and boxes are interpolated. Pictures
are held back only as long as a box may still change: memory does not grow with the video.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from avdf.pipeline.detect import Box, Detection, FaceDetector
from avdf.pipeline.picture import Picture, Plane
from avdf.pipeline.settings import FaceSettings
from avdf.pipeline.track import FaceTrack, match, overlap

Encode = Callable[[Picture, Box], bytes]

_MOST_TRACKS = 8  # faces that are followed at once: the largest


@dataclass(eq=False)
class FollowedFace:
    """A track with the crops of its rows so far."""

    track: FaceTrack
    crops: list[bytes] = field(default_factory=list)
    boxes: list[npt.NDArray[np.float32]] = field(default_factory=list)

    @property
    def next_row(self) -> int:
        """The first row that has no crop yet."""
        return self.track.first + len(self.crops)

    def square_boxes(self) -> npt.NDArray[np.float32]:
        """(rows, 4) the squares that were cropped."""
        return np.concatenate(self.boxes)


class FaceFollower:
    """Follows the faces of one video. `feed` it every picture, then `finish`."""

    def __init__(self, detector: FaceDetector, encode: Encode) -> None:
        self.settings: FaceSettings = detector.settings
        self._detector, self._encode = detector, encode
        self._held: list[Picture] = []  # consecutive rows; the current interval is at the end
        self._interval_start = 0  # row whose faces are decided already
        self._live: list[FollowedFace] = []
        self._lost: list[FollowedFace] = []  # may be found again within join_gap
        self._done: list[FollowedFace] = []
        self._searched: Plane | None = None  # thumbnail of the last searched picture
        self._searched_row = 0
        self._last_thumbnail: Plane | None = None

    def feed(self, picture: Picture) -> None:
        """Take the next row."""
        thumbnail = picture.thumbnail()
        if self._last_thumbnail is None:
            self._begin_shot(picture, thumbnail)
        elif _difference(thumbnail, self._last_thumbnail) > self.settings.cut:
            self._decide(self._held[-1].index)
            self._end_shot()
            self._begin_shot(picture, thumbnail)
        else:
            self._held.append(picture)
            if picture.index - self._interval_start >= self.settings.interval:
                self._decide(picture.index)
                self._crop(picture.index - self.settings.smooth - self.settings.join_gap)
        self._last_thumbnail = thumbnail

    def finish(self) -> list[FollowedFace]:
        """All faces, each with a crop for every row of its track, in order of their first row."""
        if self._held:
            self._decide(self._held[-1].index)
            self._end_shot()
        return sorted(self._done, key=lambda face: (face.track.first, -face.track.side))

    def _begin_shot(self, picture: Picture, thumbnail: Plane) -> None:
        self._held = [picture]
        self._interval_start = picture.index
        for detection in self._search(picture, thumbnail):
            self._live.append(FollowedFace(FaceTrack([picture.index], [detection])))

    def _end_shot(self) -> None:
        self._lost += self._live
        self._live = []
        self._crop(self._held[-1].index + 1 + self.settings.join_gap)
        self._held = []

    def _search(self, picture: Picture, thumbnail: Plane) -> list[Detection]:
        self._searched, self._searched_row = thumbnail, picture.index
        (found,) = self._detector.search([picture])
        if not found and not self._live:
            (found,) = self._detector.search([picture], fine=True)
        return sorted(found, key=lambda face: -face.side)[:_MOST_TRACKS]

    def _decide(self, row: int) -> None:
        """Settle which faces are where from the interval's start to `row`."""
        start = self._interval_start
        if row <= start:
            return
        picture = self._picture(row)
        found = self._faces_at(picture)
        known = [face.track.box for face in self._live]
        pairs = match(known, [detection.box for detection in found])
        between = list(range(start + self.settings.refine_stride, row, self.settings.refine_stride))
        self._confirm(pairs, found, between, row)
        paired = {index for index, _ in pairs}
        gone = [face for index, face in enumerate(self._live) if index not in paired]
        for face in gone:
            self._walk_on(face, between)
        self._live = [face for index, face in enumerate(self._live) if index in paired]
        self._lost += gone
        new = [detection for index, detection in enumerate(found) if index not in {b for _, b in pairs}]
        for detection in new:
            self._walk_back(detection, between, row)
        self._interval_start = row

    def _faces_at(self, picture: Picture) -> list[Detection]:
        """Faces at an interval's end: confirmed where they were last, or searched if that may not be all."""
        thumbnail = picture.thumbnail()
        calm = self._searched is not None and _difference(thumbnail, self._searched) < self.settings.calm
        due = picture.index - self._searched_row >= self.settings.search_stride
        if self._live and calm and not due:
            guesses = [face.track.box for face in self._live]
            found = self._detector.refine([picture] * len(guesses), guesses)
            if all(self._sure(face, guess) for face, guess in zip(found, guesses, strict=True)):
                return found
        return self._search(picture, thumbnail)

    def _sure(self, detection: Detection, guess: Box) -> bool:
        return detection.probability >= self.settings.confirm and overlap(detection.box, guess) > 0.4

    def _refine(self, rows: list[int], guesses: list[Box]) -> list[Detection | None]:
        """The face near each guess, or None. Where the last network doubts, a search decides."""
        pictures = [self._picture(row) for row in rows]
        found = self._detector.refine(pictures, guesses)
        sure = [self._sure(face, guess) for face, guess in zip(found, guesses, strict=True)]
        doubtful = [picture for picture, is_sure in zip(pictures, sure, strict=True) if not is_sure]
        doubted = self._detector.search(doubtful) if doubtful else []
        answer: list[Detection | None] = []
        for guess, detection, is_sure in zip(guesses, found, sure, strict=True):
            if is_sure:
                answer.append(detection)
                continue
            searched = doubted.pop(0)
            near = match([guess], [face.box for face in searched])
            answer.append(searched[near[0][1]] if near else None)
        return answer

    def _confirm(self, pairs: list[tuple[int, int]], found: list[Detection], between: list[int], row: int) -> None:
        """Faces seen at both ends: look for each in between, at the interpolated place."""
        for known, index in pairs:
            track, end = self._live[known].track, found[index]
            start, first = track.last, track.box
            asked = [at for at in between if at > start]
            guesses = [(first + (end.box - first) * ((at - start) / (row - start))).astype(np.float32) for at in asked]
            for at, detection in zip([*asked, row], [*self._refine(asked, guesses), end], strict=True):
                if detection is not None:
                    self._extend(known, at, detection)

    def _extend(self, known: int, row: int, detection: Detection) -> None:
        """Add a sighting to a live face; after too long a gap it is another track."""
        face = self._live[known]
        if row - face.track.last <= self.settings.join_gap + self.settings.refine_stride:
            face.track.see(row, detection)
        else:
            self._lost.append(face)
            self._live[known] = FollowedFace(FaceTrack([row], [detection]))

    def _walk_on(self, face: FollowedFace, between: list[int]) -> None:
        """A face that is gone at the interval's end: follow it to where it was seen last."""
        for at in (row for row in between if row > face.track.last):
            (detection,) = self._refine([at], [face.track.box])
            if detection is None:
                return
            face.track.see(at, detection)

    def _walk_back(self, detection: Detection, between: list[int], row: int) -> None:
        """A face that is new at the interval's end: follow it back to where it came in, and join it if it was lost."""
        sightings = [(row, detection)]
        for at in reversed(between):
            (earlier,) = self._refine([at], [sightings[-1][1].box])
            if earlier is None:
                break
            sightings.append((at, earlier))
        sightings.reverse()
        first, seen = sightings[0]
        for face in self._lost:
            gap = first - face.track.last
            if 0 < gap <= self.settings.join_gap and overlap(face.track.box, seen.box) > 0.2:
                self._lost.remove(face)
                break
        else:
            face = FollowedFace(FaceTrack())
        for at, sighting in sightings:
            face.track.see(at, sighting)
        self._live.append(face)

    def _picture(self, row: int) -> Picture:
        return self._held[row - self._held[0].index]

    def _crop(self, stop: int) -> None:
        """Crop all rows below `stop` that have a face, let go of faces that cannot come back, and of the pictures."""
        gone = [face for face in self._lost if face.track.last + self.settings.join_gap < stop]
        for face in (*self._live, *self._lost):
            until = face.track.last + 1 if face in gone else min(stop, face.track.last + 1)
            self._crop_face(face, until)
        self._lost = [face for face in self._lost if face not in gone]
        self._done += gone
        needed = [face.next_row for face in (*self._live, *self._lost)]
        keep = max(min([stop, self._interval_start, *needed]), self._held[0].index)
        self._held = self._held[keep - self._held[0].index :]

    def _crop_face(self, face: FollowedFace, stop: int) -> None:
        start = face.next_row
        if start >= stop:
            return
        squares = face.track.squares(start, stop, self.settings.smooth, self.settings.margin)
        for row, square in zip(range(start, stop), squares, strict=True):
            face.crops.append(self._encode(self._picture(row), square))
        face.boxes.append(squares)


def follow(pictures: Iterable[Picture], detector: FaceDetector, encode: Encode) -> tuple[list[FollowedFace], int]:
    """Follow the faces of a whole video; also the number of its pictures."""
    follower, rows = FaceFollower(detector, encode), 0
    for picture in pictures:
        follower.feed(picture)
        rows += 1
    return follower.finish(), rows


def _difference(first: Plane, second: Plane) -> float:
    """Mean absolute difference of two thumbnails, 0-255."""
    return float(np.abs(first.astype(np.int16) - second).mean())
