"""The path of one face between two rows: forward to its last row, or back to its first."""

from collections.abc import Sequence

import numpy as np

from avdf.pipeline.faces.boxes import interpolate, overlap
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.face_search import FaceSearch
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.held_frames import HeldFrames
from avdf.pipeline.faces.identity_change import row_of_change
from avdf.pipeline.settings import FaceSettings

Sighting = tuple[int, Detection]  # a row, and the face that was found in it

_SAME_LIKENESS = 0.75  # from which on a face that was lost for a moment is the same
_SAME_OVERLAP = 0.2  # with the location where a lost face was last, or should be now


class FacePaths:
    """Follows faces through frames that are held.

    lost  faces that are not followed now, but may be found again
    """

    def __init__(
        self,
        frames: HeldFrames,
        search: FaceSearch,
        settings: FaceSettings,
    ) -> None:
        self.lost: list[FollowedFace] = []
        self._frames = frames
        self._search = search
        self._settings = settings

    def new_face(self, sightings: Sequence[Sighting]) -> FollowedFace:
        """A face that begins with these sightings."""
        face = FollowedFace()
        for row, detection in sightings:
            face.add(self._frames[row], detection)
        return face

    def follow_between(
        self,
        face: FollowedFace,
        row: int,
        end: Detection,
    ) -> FollowedFace:
        """Follow a face that is seen in its last row and again at `row`: look for it in between.

        Returns the face that is followed on, which is another one where the person has changed.
        """
        start = face.last
        first = face.box
        stride = self._settings.refine_stride
        rows = list(range(start + stride, row, stride))
        shares = [(at - start) / (row - start) for at in rows]
        guesses = [interpolate(first, end.box, share) for share in shares]
        frames = [self._frames[at] for at in rows]
        found = self._search.find_near(frames, guesses)
        known = zip([*rows, row], [*found, end], strict=True)
        for at, detection in known:
            if detection is None:
                continue
            if at - face.last > self._settings.join_gap:
                face = self._continue_after_gap(
                    face,
                    at,
                    detection,
                )
            else:
                face = self.continue_face(face, at, detection)
        return face

    def continue_face(
        self,
        face: FollowedFace,
        row: int,
        detection: Detection,
    ) -> FollowedFace:
        """Add a detection to a face; where it shows another person, end the face and begin one.

        Returns the face that is followed on.
        """
        change = row_of_change(
            self._frames,
            face,
            row,
            detection,
        )
        if change is None:
            face.add(self._frames[row], detection)
            return face

        # The old face ends in the row before the change, if it can be confirmed there.
        before = change - 1
        if before > face.last:
            last = self._search.confirm(self._frames[before], face.box)
            if last is not None:
                face.add(self._frames[before], last)
        face.ended = True
        self.lost.append(face)

        # The new face begins in the row of the change, if it can be confirmed there.
        searched = self._search.searched(self._frames[row], detection)
        sightings = [(row, searched)]
        if change < row:
            earlier = self._search.confirm(self._frames[change], detection.box)
            if earlier is not None:
                sightings.insert(0, (change, earlier))
        return self.new_face(sightings)

    def follow_forward(
        self,
        face: FollowedFace,
        row: int,
    ) -> None:
        """Follow a face that is not found at `row` up to the last row in which it is seen."""
        # In strides first. After the first miss, row by row, up to the exact row.
        stride = self._settings.refine_stride
        while True:
            at = face.last + stride
            if at < row and self._follow_to(face, at):
                continue
            if stride == 1:
                return
            stride = 1

    def follow_back(
        self,
        row: int,
        detection: Detection,
        start: int,
    ) -> FollowedFace:
        """Follow a face that is new at `row` back to the row in which it came in.

        Args:
            start: the last row before it that is not searched.

        Returns the lost face that it continues, or a new one.
        """
        sightings = self._search_back(row, detection, start)
        face = self._continued_face(sightings, self.lost)
        if face is None:
            return self._searched_new_face(sightings)
        self.lost.remove(face)
        return self._add_later(face, sightings)

    def _continue_after_gap(
        self,
        face: FollowedFace,
        row: int,
        detection: Detection,
    ) -> FollowedFace:
        """Continue a face that was hidden for long and is seen again at `row`.

        Returns the face that is followed on: a new one where the two cannot be joined.
        """
        # In which row exactly did the face disappear, and in which did it come back?
        self.follow_forward(face, row)
        sightings = self._search_back(row, detection, face.last)
        if self._continued_face(sightings, [face]) is None:
            self.lost.append(face)
            return self._searched_new_face(sightings)
        return self._add_later(face, sightings)

    def _follow_to(self, face: FollowedFace, row: int) -> bool:
        """Add the detection of a row to a face, if the same face is there."""
        frame = self._frames[row]
        guess = face.track.predicted_box(row)
        (detection,) = self._search.find_near([frame], [guess])
        if detection is None:
            return False
        if row_of_change(self._frames, face, row, detection) is not None:
            return False
        face.add(frame, detection)
        return True

    def _searched_new_face(
        self,
        sightings: Sequence[Sighting],
    ) -> FollowedFace:
        """A face that begins with these sightings, the last of which rests on a search."""
        *earlier, (row, detection) = sightings
        searched = self._search.searched(self._frames[row], detection)
        return self.new_face([*earlier, (row, searched)])

    def _add_later(
        self,
        face: FollowedFace,
        sightings: Sequence[Sighting],
    ) -> FollowedFace:
        """The face with those of the sightings that come after its last row."""
        for row, detection in sightings:
            if row > face.last:
                face.add(self._frames[row], detection)
        return face

    def _search_back(
        self,
        row: int,
        detection: Detection,
        start: int,
    ) -> list[Sighting]:
        """The sightings of a face from the row where it came in up to `row`, in order."""
        sightings = [(row, detection)]
        # In strides first. After the first miss, row by row, back to the exact row.
        stride = self._settings.refine_stride
        while True:
            at = sightings[0][0] - stride
            earlier = None
            if at > start:
                frame = self._frames[at]
                guess = _box_before(sightings, at)
                (earlier,) = self._search.find_near([frame], [guess])
            if earlier is not None:
                sightings.insert(0, (at, earlier))
            elif stride == 1:
                return sightings
            else:
                stride = 1

    def _continued_face(
        self,
        sightings: Sequence[Sighting],
        candidates: Sequence[FollowedFace],
    ) -> FollowedFace | None:
        """The candidate that these sightings continue: near in time and location, and alike."""
        for face in candidates:
            later = [sighting for sighting in sightings if sighting[0] > face.last]
            if face.ended or not later:
                continue
            row, seen = later[0]
            if row - face.last > self._settings.join_gap:
                continue
            alike = face.likeness_to(self._frames[row], seen.box)
            # A face may have stood still while it was hidden, or gone on as it moved before.
            locations = (face.box, face.track.predicted_box(row))
            overlaps = [overlap(box, seen.box) for box in locations]
            is_near = max(overlaps) > _SAME_OVERLAP
            if is_near and (alike is None or alike >= _SAME_LIKENESS):
                return face
        return None


def _box_before(sightings: Sequence[Sighting], row: int) -> Box:
    """Where a face was at an earlier row, if it moved at its first known speed before."""
    first_row, first = sightings[0]
    if len(sightings) < 2:
        return first.box
    second_row, second = sightings[1]
    # The speed is not trusted for longer than it was observed.
    if first_row - row > second_row - first_row:
        return first.box
    speed = (second.box - first.box) / (second_row - first_row)
    box = first.box - speed * (first_row - row)
    return np.asarray(box, np.float32)
