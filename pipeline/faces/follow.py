"""Following faces through a stream of pictures: searched rarely, confirmed often, cropped as soon as decided.

The stream is cut into intervals of at most 25 rows, which also end where the picture changes at once (`shot.py`). At
the end of an interval every face is known at both ends; in between, MTCNN's last network confirms it every few rows,
and boxes are interpolated. Pictures are held back only as long as a box may still change: memory does not grow with
the video.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from avdf.pipeline.faces.boxes import fit_into_frame, match, overlap
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.difference import difference, local_difference
from avdf.pipeline.faces.followed_face import Crop, FollowedFace, without
from avdf.pipeline.faces.likeness import face_patch, likeness
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.faces.shot import ShotFrame, ShotWatcher
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane
from avdf.pipeline.settings import FaceSettings

Encode = Callable[[DecodedFrame, Box], Crop]

_MOST_TRACKS = 8  # faces that are followed at once: the largest
_SUSPECT = (
    0.8  # likeness of two sightings in a row below which the rows between are looked at one by one
)
_REJOIN = 0.75  # likeness with which a face that was lost for a moment is the same


class FaceFollower:
    """Follows the faces of one video. `feed` it every picture, then `finish`.

    `thorough`: every search looks for small faces too, not only where it finds no larger one.
    """

    def __init__(self, detector: FaceDetector, encode: Encode, thorough: bool = False) -> None:
        self.settings: FaceSettings = detector.settings
        self._detector, self._encode, self._thorough = detector, encode, thorough
        self._shots = ShotWatcher(detector.settings)
        self._held: list[DecodedFrame] = []  # consecutive rows; the current interval is at the end
        self._interval_start = 0  # row whose faces are decided already
        self._decidable = 0  # last row that was not disturbed
        self._live: list[FollowedFace] = []  # each was sighted in the interval's first row
        self._lost: list[FollowedFace] = []  # may be found again within join_gap
        self._done: list[FollowedFace] = []
        self._searched: Plane | None = None  # thumbnail of the last searched picture
        self._searched_row = 0

    def feed(self, picture: DecodedFrame) -> None:
        """Take the next row."""
        for step in self._shots.feed(picture):
            self._take(step)

    def finish(self) -> list[FollowedFace]:
        """All faces, each with a crop for every row of its track, in order of their first row."""
        for step in self._shots.finish():
            self._take(step)
        if self._held:
            self._decide(self._decidable)
            self._lost += self._live
            self._live = []
            self._crop(self._held[-1].row + 1 + self.settings.join_gap)
        empty, mixed = [*self._shots.excluded(), *self.frozen()], self._shots.transitions()
        whole = [part for face in self._done for part in without(face, empty, mixed)]
        return sorted(whole, key=lambda face: (face.track.first, -face.track.side))

    def frozen(self) -> list[RowSpan]:
        """The rows in which the picture stood still."""
        return self._shots.frozen()

    def _take(self, step: ShotFrame) -> None:
        first = not self._held
        self._held.append(step.picture)
        row = step.picture.row
        if step.disturbed:
            return
        if first:
            self._begin(step)
        elif step.boundary:
            self._decide(step.before)
            self._cross(step)
            self._crop(step.before - self.settings.smooth - self.settings.join_gap)
        elif row - self._interval_start >= self.settings.interval:
            self._decide(row)
            self._crop(row - self.settings.smooth - self.settings.join_gap)
        self._decidable = row

    def _begin(self, step: ShotFrame) -> None:
        self._interval_start = step.picture.row
        for detection in self._search(step.picture, step.thumbnail):
            self._live.append(self._new_face([(step.picture.row, detection)]))

    def _cross(self, step: ShotFrame) -> None:
        """Go over a large change: faces that look the same in the same place go on, all others end or begin here."""
        picture, old = step.picture, self._live
        found = self._search(picture, step.thumbnail)
        pairs = dict(
            match([face.track.box for face in old], [detection.box for detection in found])
        )
        fresh = set(range(len(found))) - set(pairs.values())
        self._live = []
        for index, face in enumerate(old):
            detection = (
                found[pairs[index]] if index in pairs else self._confirmed(picture, face.track.box)
            )
            if detection is not None and self._is_same(face, step.before, picture, detection):
                face.see(picture, detection)
                self._live.append(face)
                continue
            if index in pairs:
                fresh.add(pairs[index])
            # after a change that may be motion a face can come back, unless others have taken the picture over
            face.over = step.large or bool(found)
            self._lost.append(face)
        self._live += [self._new_face([(picture.row, found[index])]) for index in sorted(fresh)]
        self._interval_start = picture.row

    def _is_same(
        self, face: FollowedFace, before: int, picture: DecodedFrame, detection: Detection
    ) -> bool:
        """Whether the face of row `before` is the one that was found after a jump: at the old place, or at the new."""
        old = face_patch(self._picture(before), face.track.box)
        news = [face_patch(picture, box) for box in (face.track.box, detection.box)]
        alike = [score for new in news if (score := likeness(old, new)) is not None]
        return bool(alike) and max(alike) >= self.settings.alike

    def _confirmed(self, picture: DecodedFrame, guess: Box) -> Detection | None:
        (detection,) = self._detector.refine([picture], [guess])
        return detection if self._sure(detection, guess) else None

    def _new_face(self, sightings: Sequence[tuple[int, Detection]]) -> FollowedFace:
        face = FollowedFace()
        for row, detection in sightings:
            face.see(self._picture(row), detection)
        return face

    def _search(self, picture: DecodedFrame, thumbnail: Plane) -> list[Detection]:
        self._searched, self._searched_row = thumbnail, picture.row
        smallest = self._smallest(picture)
        (found,) = self._detector.search([picture], smallest)
        if not found and not self._live and not smallest:
            (found,) = self._detector.search([picture], self.settings.fine_face)
        return sorted(found, key=lambda face: -face.side)[:_MOST_TRACKS]

    def _smallest(self, picture: DecodedFrame) -> float:
        """The smallest face that is asked for, of the picture's long side; 0: nothing special is."""
        if self.settings.smallest:
            return min(1.0, self.settings.smallest / max(picture.width, picture.height))
        return self.settings.every_face if self._thorough else 0.0

    def _decide(self, row: int) -> None:
        """Settle which faces are where from the interval's start to `row`."""
        if row <= self._interval_start:
            return
        found = self._faces_at(self._picture(row))
        pairs = dict(
            match([face.track.box for face in self._live], [detection.box for detection in found])
        )
        before, self._live = self._live, []
        for index, face in enumerate(before):
            if index in pairs:
                self._fill(face, row, found[pairs[index]])
        taken = set(pairs.values())
        for index, face in enumerate(
            before
        ):  # faces that have gone, or moved so fast that they look like others
            if index in pairs:
                continue
            self._walk_on(face, row)
            free = [other for other in range(len(found)) if other not in taken]
            near = match([face.track.ahead(row)], [found[other].box for other in free])
            if near and row - face.track.last <= self.settings.refine_stride:
                taken.add(free[near[0][1]])
                self._extend(face, row, found[free[near[0][1]]])
            else:
                self._lost.append(face)
        for index, detection in enumerate(found):
            if index not in taken:
                self._walk_back(detection, row)
        self._interval_start = row

    def _faces_at(self, picture: DecodedFrame) -> list[Detection]:
        """Faces at an interval's end: confirmed where they were last, or searched if that may not be all."""
        thumbnail = picture.thumbnail().copy()
        due = picture.row - self._searched_row >= self.settings.search_stride
        due |= (
            self._searched_row <= self._shots.last_uncertain()
        )  # who is there after a dissolve is somebody new
        known = all(any(seen.searched for seen in face.track.detections) for face in self._live)
        if self._live and known and not due and self._calm(picture, thumbnail):
            guesses = [face.track.box for face in self._live]
            found = self._detector.refine([picture] * len(guesses), guesses)
            if all(self._sure(face, guess) for face, guess in zip(found, guesses, strict=True)):
                return found
        return self._search(picture, thumbnail)

    def _calm(self, picture: DecodedFrame, thumbnail: Plane) -> bool:
        """Whether nobody can have joined since the last search: the picture is what it was, but for the known faces."""
        if self._searched is None or difference(thumbnail, self._searched) >= self.settings.calm:
            return False
        step = max(picture.width, picture.height) / max(thumbnail.shape)
        known = np.zeros(thumbnail.shape, np.bool_)
        for face in self._live:
            centre, half = (
                (face.track.box[:2] + face.track.box[2:]) / 2,
                face.track.detections[-1].side,
            )
            x1, y1, x2, y2 = (
                (np.concatenate([centre - half, centre + half]) / step).clip(min=0).astype(int)
            )
            known[y1 : y2 + 1, x1 : x2 + 1] = True
        smallest = self._smallest(picture) or self.settings.search_face
        window = max(3, round(smallest * max(thumbnail.shape)))
        return local_difference(thumbnail, self._searched, known, window) < self.settings.calm_part

    def _sure(self, detection: Detection, guess: Box) -> bool:
        return (
            detection.probability >= self.settings.confirm and overlap(detection.box, guess) > 0.4
        )

    def _refine(self, rows: list[int], guesses: list[Box]) -> list[Detection | None]:
        """The face near each guess, or None. Where the last network doubts, a search decides."""
        pictures = [self._picture(row) for row in rows]
        found = self._detector.refine(pictures, guesses)
        sure = [self._sure(face, guess) for face, guess in zip(found, guesses, strict=True)]
        doubtful = [picture for picture, is_sure in zip(pictures, sure, strict=True) if not is_sure]
        doubted = self._detector.search(doubtful, self._smallest(doubtful[0])) if doubtful else []
        answer: list[Detection | None] = []
        for guess, detection, is_sure in zip(guesses, found, sure, strict=True):
            if is_sure:
                answer.append(detection)
                continue
            searched = doubted.pop(0)
            near = match([guess], [face.box for face in searched])
            answer.append(searched[near[0][1]] if near else None)
        return answer

    def _fill(self, face: FollowedFace, row: int, end: Detection) -> None:
        """A face seen at both ends: look for it in between, at the interpolated place."""
        start, first = face.track.last, face.track.box
        asked = list(range(start + self.settings.refine_stride, row, self.settings.refine_stride))
        guesses = [
            (first + (end.box - first) * ((at - start) / (row - start))).astype(np.float32)
            for at in asked
        ]
        for at, detection in zip([*asked, row], [*self._refine(asked, guesses), end], strict=True):
            if detection is None:
                continue
            if (
                at - face.track.last > self.settings.join_gap
            ):  # hidden for long: where exactly did it go and come?
                self._walk_on(face, at)
                face = self._come_back(face, at, detection)
            else:
                face = self._see_on(face, at, detection)
        self._live.append(face)

    def _extend(self, face: FollowedFace, row: int, detection: Detection) -> None:
        """Add the sighting of the interval's end to a face that was followed there."""
        self._live.append(self._see_on(face, row, detection))

    def _see_on(self, face: FollowedFace, row: int, detection: Detection) -> FollowedFace:
        """Add a sighting; where it is of somebody else in the same place, end the face and begin another."""
        change = self._changed_at(face, row, detection)
        if change is None:
            face.see(self._picture(row), detection)
            return face
        if change - 1 > face.track.last and (
            last := self._confirmed(self._picture(change - 1), face.track.box)
        ):
            face.see(self._picture(change - 1), last)
        face.over = True
        self._lost.append(face)
        sightings = [(row, self._searched_sighting(row, detection))]
        if change < row and (earlier := self._confirmed(self._picture(change), detection.box)):
            sightings.insert(0, (change, earlier))
        return self._new_face(sightings)

    def _changed_at(self, face: FollowedFace, row: int, detection: Detection) -> int | None:
        """The row from which on somebody else is in the face's place, seen next at `row`; None: it is the same."""
        alike = likeness(face.patches[-1], face_patch(self._picture(row), detection.box))
        if alike is None or alike >= _SUSPECT:
            return None
        start, first = face.track.last, face.track.box
        lowest, change = _SUSPECT, None
        for at in range(start + 1, row + 1):
            box = (first + (detection.box - first) * ((at - start) / (row - start))).astype(
                np.float32
            )
            step = likeness(
                face_patch(self._picture(at - 1), box), face_patch(self._picture(at), box)
            )
            if step is not None and step < lowest:
                lowest, change = step, at
        return change

    def _searched_sighting(self, row: int, detection: Detection) -> Detection:
        """The same sighting, found by a search: a track that begins rests on one."""
        if detection.searched:
            return detection
        (found,) = self._detector.search([self._picture(row)], self._smallest(self._picture(row)))
        near = match([detection.box], [other.box for other in found])
        return found[near[0][1]] if near else detection

    def _walk_on(self, face: FollowedFace, row: int) -> None:
        """Follow a face that is not found at `row` to where it was seen last: in strides, then row by row."""
        stride = self.settings.refine_stride
        while (at := face.track.last + stride) < row or stride > 1:
            if at >= row:
                stride = 1
                continue
            (detection,) = self._refine([at], [face.track.ahead(at)])
            if detection is not None and self._changed_at(face, at, detection) is None:
                face.see(self._picture(at), detection)
            elif stride == 1:
                return
            else:
                stride = 1

    def _walk_back(self, detection: Detection, row: int) -> None:
        """A face that is new at `row`: follow it back to where it came in, and join it if it was lost."""
        self._live.append(self._come_back(None, row, detection))

    def _come_back(self, lost: FollowedFace | None, row: int, detection: Detection) -> FollowedFace:
        """Follow a face back from `row` to where it came in: it is one that was lost (`lost`, or any), or new."""
        start = self._interval_start if lost is None else lost.track.last
        sightings = [(row, detection)]
        stride = self.settings.refine_stride
        while (at := sightings[0][0] - stride) > start or stride > 1:
            if at <= start:
                stride = 1
                continue
            (earlier,) = self._refine([at], [_behind(sightings, at)])
            if earlier is not None:
                sightings.insert(0, (at, earlier))
            elif stride == 1:
                break
            else:
                stride = 1
        if face := self._rejoined(sightings, lost):
            for at, sighting in sightings:
                if at > face.track.last:
                    face.see(self._picture(at), sighting)
            return face
        if lost is not None:
            self._lost.append(lost)
        sightings[-1] = (row, self._searched_sighting(row, detection))
        return self._new_face(sightings)

    def _rejoined(
        self, sightings: Sequence[tuple[int, Detection]], lost: FollowedFace | None
    ) -> FollowedFace | None:
        """The lost face that these sightings go on: near it in time and place, and alike."""
        for face in self._lost if lost is None else [lost]:
            later = [(row, seen) for row, seen in sightings if row > face.track.last]
            if face.over or not later or later[0][0] - face.track.last > self.settings.join_gap:
                continue
            row, seen = later[0]
            alike = likeness(face.patches[-1], face_patch(self._picture(row), seen.box))
            place = max(overlap(face.track.box, seen.box), overlap(face.track.ahead(row), seen.box))
            if place > 0.2 and (alike is None or alike >= _REJOIN):
                if lost is None:
                    self._lost.remove(face)
                return face
        return None

    def _picture(self, row: int) -> DecodedFrame:
        return self._held[row - self._held[0].row]

    def _crop(self, stop: int) -> None:
        """Crop all rows below `stop` that have a face, let go of faces that cannot come back, and of the pictures."""
        gone = [
            face
            for face in self._lost
            if face.over or face.track.last + self.settings.join_gap < stop
        ]
        for face in (*self._live, *self._lost):
            until = face.track.last + 1 if face in gone else min(stop, face.track.last + 1)
            self._crop_face(face, until)
        self._lost = [face for face in self._lost if face not in gone]
        self._done += gone
        needed = [face.next_row for face in (*self._live, *self._lost)]
        keep = max(min([stop, self._interval_start, *needed]), self._held[0].row)
        self._held = self._held[keep - self._held[0].row :]

    def _crop_face(self, face: FollowedFace, stop: int) -> None:
        start = face.next_row
        if start >= stop:
            return
        squares = face.track.squares(start, stop, self.settings.smooth, self.settings.margin)
        squares = fit_into_frame(squares, self._held[0].width, self._held[0].height)
        for row, square in zip(range(start, stop), squares, strict=True):
            face.crops.append(self._encode(self._picture(row), square))
        face.boxes.append(squares)


def follow(
    pictures: Iterable[DecodedFrame], detector: FaceDetector, encode: Encode, thorough: bool = False
) -> tuple[list[FollowedFace], int, list[RowSpan]]:
    """Follow the faces of a whole video; also the number of its pictures, and where they stood still."""
    follower, rows = FaceFollower(detector, encode, thorough), 0
    for picture in pictures:
        follower.feed(picture)
        rows += 1
    return follower.finish(), rows, follower.frozen()


def _behind(sightings: Sequence[tuple[int, Detection]], row: int) -> Box:
    """Where a face was at an earlier row if it moved before as it did first."""
    first, box = sightings[0][0], sightings[0][1].box
    if len(sightings) < 2 or first - row > sightings[1][0] - first:
        return box
    speed = (sightings[1][1].box - box) / (sightings[1][0] - first)
    return np.asarray(box - speed * (first - row), np.float32)
