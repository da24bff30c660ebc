"""Following faces through the frames of a video: rare searches, many confirmations, early crops.

The frames are cut into intervals of at most 25 rows, which also end where a frame changes suddenly
(`shot.py`). At the end of an interval every face is known at both ends. In between, MTCNN's last
network confirms it every few rows, and boxes are interpolated. Frames are held back only as long as
a box may still change, so that memory does not grow with the video.

`follow` is the entry; each interval is decided in `FaceFollower._decide`.
"""

from collections.abc import Callable, Iterable

from avdf.pipeline.faces.boxes import best_match, fit_into_frame, match
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.face_path import FacePaths
from avdf.pipeline.faces.face_search import FaceSearch
from avdf.pipeline.faces.followed_face import Crop, FollowedFace, without_rows
from avdf.pipeline.faces.held_frames import HeldFrames
from avdf.pipeline.faces.identity_change import is_same_after_jump
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.faces.shot import ShotFrame, ShotWatcher
from avdf.pipeline.media.frame import DecodedFrame

Encode = Callable[[DecodedFrame, Box], Crop]


class FaceFollower:
    """Follows the faces of one video. `feed` it every frame, then `finish`.

    Args:
        encode: makes the crop of a square box of a frame.
        thorough: every search looks for small faces, not only one that finds no larger face.
        beside: a search that finds a large face looks for small ones beside it, too.
    """

    def __init__(
        self,
        detector: FaceDetector,
        encode: Encode,
        thorough: bool = False,
        beside: bool = False,
    ) -> None:
        self.settings = detector.settings
        self._encode = encode
        self._shots = ShotWatcher(self.settings)
        self._frames = HeldFrames()
        self._search = FaceSearch(detector, thorough, beside)
        self._paths = FacePaths(
            self._frames,
            self._search,
            self.settings,
        )
        self._interval_start = 0  # row whose faces are decided
        self._last_undisturbed = 0
        self._live: list[FollowedFace] = []  # each was seen in the interval's first row
        self._done: list[FollowedFace] = []

    def feed(self, frame: DecodedFrame) -> None:
        """Take the next row."""
        for shot_frame in self._shots.feed(frame):
            self._take(shot_frame)

    def finish(self) -> list[FollowedFace]:
        """All faces, each with a crop for every row of its track, in order of their first row."""
        for shot_frame in self._shots.finish():
            self._take(shot_frame)
        if len(self._frames):
            self._decide(self._last_undisturbed)
            self._paths.lost += self._live
            self._live = []
            self._crop_rows(self._frames.last_row + 1 + self.settings.join_gap)
        empty = [*self._shots.low_contrast(), *self.frozen()]
        mixed = self._shots.transitions()
        parts: list[FollowedFace] = []
        for face in self._done:
            parts += without_rows(face, empty, mixed)
        # Of two faces that begin in one row, the larger comes first.
        return sorted(parts, key=lambda face: (face.first, -face.track.side))

    def frozen(self) -> list[RowSpan]:
        """The rows in which the video stood still."""
        return self._shots.frozen()

    def _take(self, shot_frame: ShotFrame) -> None:
        """Hold a frame; where it ends an interval, decide the interval's faces and crop them."""
        is_first = not len(self._frames)
        self._frames.add(shot_frame.frame)
        if shot_frame.disturbed:
            return
        row = shot_frame.frame.row
        if is_first:
            self._begin(shot_frame)
        elif shot_frame.boundary:
            self._decide(shot_frame.last_before)
            self._cross_boundary(shot_frame)
            self._crop_settled(shot_frame.last_before)
        elif row - self._interval_start >= self.settings.interval:
            self._decide(row)
            self._crop_settled(row)
        self._last_undisturbed = row

    def _begin(self, shot_frame: ShotFrame) -> None:
        frame = shot_frame.frame
        self._interval_start = frame.row
        found = self._search.search(
            frame,
            shot_frame.thumbnail,
            any_known=False,
        )
        self._live = []
        for detection in found:
            sighting = (frame.row, detection)
            self._live.append(self._paths.new_face([sighting]))

    def _decide(self, row: int) -> None:
        """Settle which faces are where from the interval's start to `row`."""
        if row <= self._interval_start:
            return
        last_uncertain = self._shots.last_uncertain()
        found = self._search.faces_at(
            self._frames[row],
            self._live,
            last_uncertain,
        )
        pairs = _pairs(self._live, found)
        followed = self._live
        self._live = []

        # Faces that are seen at both ends of the interval.
        for index, face in enumerate(followed):
            if index in pairs:
                end = found[pairs[index]]
                self._live.append(self._paths.follow_between(face, row, end))

        # Faces that have gone, or that moved so fast that they look like others.
        taken = set(pairs.values())
        new = [index for index in range(len(found)) if index not in taken]
        for index, face in enumerate(followed):
            if index not in pairs:
                self._follow_to_the_end(face, row, found, new)

        # Faces that have come, or come back.
        for index in new:
            face = self._paths.follow_back(
                row,
                found[index],
                self._interval_start,
            )
            self._live.append(face)
        self._interval_start = row

    def _follow_to_the_end(
        self,
        face: FollowedFace,
        row: int,
        found: list[Detection],
        new: list[int],
    ) -> None:
        """Follow a face as far as it is seen. Where it meets a new face of `row`, they are one.

        Args:
            new: indices of the faces in `found` that no track has yet; one may be taken out.
        """
        self._paths.follow_forward(face, row)
        predicted = face.track.predicted_box(row)
        boxes = [found[index].box for index in new]
        near = best_match(predicted, boxes)
        was_just_seen = row - face.last <= self.settings.refine_stride
        if near is not None and was_just_seen:
            detection = found[new.pop(near)]
            self._live.append(self._paths.continue_face(face, row, detection))
        else:
            self._paths.lost.append(face)

    def _cross_boundary(self, shot_frame: ShotFrame) -> None:
        """Carry faces over a sudden change.

        A face that looks the same in the same location goes on; all others end or begin here.
        """
        frame = shot_frame.frame
        followed = self._live
        found = self._search.search(
            frame,
            shot_frame.thumbnail,
            any_known=bool(followed),
        )
        pairs = _pairs(followed, found)
        new = set(range(len(found))) - set(pairs.values())
        self._live = []
        for index, face in enumerate(followed):
            if index in pairs:
                detection: Detection | None = found[pairs[index]]
            else:
                # The search may miss a face that is still there: the last network looks at its old
                # location.
                detection = self._search.confirm(frame, face.box)
            # A cut between two speakers can put another person's face exactly where this one was:
            # the same location is not enough, the faces must look alike too.
            if detection is not None and self._is_same(face, shot_frame, detection):
                face.add(frame, detection)
                self._live.append(face)
                continue
            # The face ends here, so the detection in its location is of a new one.
            if index in pairs:
                new.add(pairs[index])
            # After a change that may be motion, a face can come back, unless others are there now.
            face.ended = shot_frame.large or bool(found)
            self._paths.lost.append(face)
        # For example: face A is confirmed, B is replaced by C at its location. A goes on, B is
        # lost, and C begins a track in this row.
        for index in sorted(new):
            sighting = (frame.row, found[index])
            self._live.append(self._paths.new_face([sighting]))
        self._interval_start = frame.row

    def _is_same(
        self,
        face: FollowedFace,
        shot_frame: ShotFrame,
        detection: Detection,
    ) -> bool:
        before = self._frames[shot_frame.last_before]
        least = self.settings.alike
        return is_same_after_jump(
            face,
            before,
            shot_frame.frame,
            detection.box,
            least,
        )

    def _crop_settled(self, row: int) -> None:
        """Crop the rows whose boxes cannot change any more, now that all is decided up to `row`.

        A box is an average over `smooth` rows, and a lost face may be joined over `join_gap` rows.
        """
        self._crop_rows(row - self.settings.smooth - self.settings.join_gap)

    def _crop_rows(self, stop: int) -> None:
        """Crop all rows below `stop` that have a face; drop the frames that nothing needs any more.

        Lost faces that cannot be found again are done.
        """
        # A face of rows 0 to 99 with `stop` 80: the rows up to 79 are cropped now. Once it is gone,
        # its rows up to 99 are cropped as well, since no later row can change their boxes.
        gone = [face for face in self._paths.lost if self._is_gone(face, stop)]
        for face in (*self._live, *self._paths.lost):
            end = face.last + 1
            settled = end if face in gone else min(stop, end)
            self._crop_face(face, settled)
        self._done += gone
        self._paths.lost = [face for face in self._paths.lost if face not in gone]
        # Frames stay from the first row that still has to be cropped or decided.
        unfinished = (*self._live, *self._paths.lost)
        needed = [face.next_row for face in unfinished]
        first_needed = min([stop, self._interval_start, *needed])
        self._frames.drop_before(first_needed)

    def _is_gone(self, face: FollowedFace, stop: int) -> bool:
        """Whether a lost face cannot be found again."""
        last_joined = face.last + self.settings.join_gap
        return face.ended or last_joined < stop

    def _crop_face(self, face: FollowedFace, stop: int) -> None:
        start = face.next_row
        if start >= stop:
            return
        smooth, margin = self.settings.smooth, self.settings.margin
        squares = face.track.squares(start, stop, smooth, margin)
        frame = self._frames[start]
        squares = fit_into_frame(
            squares,
            frame.width,
            frame.height,
        )
        for row, square in zip(range(start, stop), squares, strict=True):
            face.crops.append(self._encode(self._frames[row], square))
        face.boxes.append(squares)


def _pairs(
    followed: list[FollowedFace],
    found: list[Detection],
) -> dict[int, int]:
    """For each followed face that is found again, the index of its detection."""
    old = [face.box for face in followed]
    new = [face.box for face in found]
    return dict(match(old, new))


def follow(
    frames: Iterable[DecodedFrame],
    detector: FaceDetector,
    encode: Encode,
    thorough: bool = False,
    beside: bool = False,
) -> tuple[list[FollowedFace], int, list[RowSpan]]:
    """The faces of a whole video, the number of its frames, and the rows where it stood still."""
    follower = FaceFollower(detector, encode, thorough, beside)
    rows = 0
    for frame in frames:
        follower.feed(frame)
        rows += 1
    return follower.finish(), rows, follower.frozen()
