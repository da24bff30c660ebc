"""A face while it is followed: its track, the crops so far, and a patch of every detection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from avdf.cache.shards.crop_spool import StoredCrop
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.likeness import face_motion, face_patch, likeness
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane

Crop = bytes | StoredCrop  # an encoded crop, or where it is kept

_MOST_COMPARED = 60  # pairs of detections from which a face's motion is taken
# Below this likeness, the face after a dissolve or a wipe is another one.
_OTHER_FACE = 0.83


@dataclass(eq=False)
class FollowedFace:
    """A face that is followed.

    crops    one for each row of the track, from the first on, as far as they are decided
    boxes    the squares of the crops, in pieces of (n, 4)
    patches  of every detection of the track
    ended    whether the face cannot be found again, because its shot has ended
    """

    track: FaceTrack = field(default_factory=FaceTrack)
    crops: list[Crop] = field(default_factory=list)
    boxes: list[npt.NDArray[np.float32]] = field(default_factory=list)
    patches: list[Plane] = field(default_factory=list)
    ended: bool = False

    @property
    def first(self) -> int:
        """The first row in which the face was seen."""
        return self.track.first

    @property
    def last(self) -> int:
        """The last row in which the face was seen."""
        return self.track.last

    @property
    def box(self) -> Box:
        """Where the face was seen last."""
        return self.track.box

    @property
    def next_row(self) -> int:
        """The first row that has no crop yet."""
        return self.first + len(self.crops)

    def add(
        self,
        frame: DecodedFrame,
        detection: Detection,
    ) -> None:
        """Add the next detection."""
        self.track.add(frame.row, detection)
        self.patches.append(face_patch(frame, detection.box))

    def was_searched(self) -> bool:
        """Whether a search found the face, at least once."""
        return any(detection.searched for detection in self.track.detections)

    def likeness_to(
        self,
        frame: DecodedFrame,
        box: Box,
    ) -> float | None:
        """How alike the face was, when it was seen last, to what is in the box of a frame."""
        return likeness(self.patches[-1], face_patch(frame, box))

    def motion(self) -> float:
        """How much the face itself moves from one detection to the next: its mouth, its eyes."""
        step = max(1, len(self.patches) // _MOST_COMPARED)
        pairs = list(pairwise(self.patches))[::step]
        known = []
        for first, second in pairs:
            motion = face_motion(first, second)
            if motion is not None:
                known.append(motion)
        # The median: one patch that a hand covers would raise the mean.
        return median(known) if known else 0.0

    def square_boxes(self) -> npt.NDArray[np.float32]:
        """(rows, 4) the squares that were cropped."""
        return np.concatenate(self.boxes)

    def part(self, span: RowSpan) -> "FollowedFace":
        """The face in these rows alone."""
        start = span.first - self.first
        stop = span.last + 1 - self.first
        seen = zip(self.track.rows, self.patches, strict=True)
        patches = [patch for row, patch in seen if span.first <= row <= span.last]
        return FollowedFace(
            track=self.track.part(span.first, span.last),
            crops=self.crops[start:stop],
            boxes=[self.square_boxes()[start:stop]],
            patches=patches,
            ended=self.ended,
        )

    def shifted(self, rows: int) -> "FollowedFace":
        """The same face on a time line that began so many rows earlier."""
        moved = FaceTrack(
            [row + rows for row in self.track.rows], self.track.detections
        )
        return replace(self, track=moved)

    def differs_across(self, span: RowSpan) -> bool:
        """Whether the last patch before the rows shows another face than the first after them."""
        seen = list(zip(self.track.rows, self.patches, strict=True))
        before = [patch for row, patch in seen if row < span.first]
        after = [patch for row, patch in seen if row > span.last]
        if not before or not after:
            return True
        alike = likeness(before[-1], after[0])
        return alike is not None and alike < _OTHER_FACE


def without_rows(
    face: FollowedFace,
    empty: Sequence[RowSpan],
    mixed: Sequence[RowSpan],
) -> list[FollowedFace]:
    """The parts of a face that remain without rows that show no living face, or two at once.

    Args:
        empty: rows that are nearly black or white, or repeat one frame.
        mixed: rows of dissolves and wipes. They stay where the same face is there before and after:
            the dissolve was beside it.
    """
    whole = RowSpan(face.first, face.last)
    touched = [span for span in mixed if span.meets(whole)]
    between_faces = [span for span in touched if face.differs_across(span)]
    parts = [whole]
    for span in (*empty, *between_faces):
        parts = list(_cut_out(parts, span))
    if parts == [whole]:
        return [face]
    return [face.part(part) for part in sorted(parts)]


def _cut_out(parts: Sequence[RowSpan], span: RowSpan) -> Iterable[RowSpan]:
    """What remains of the parts without the rows of the span."""
    for part in parts:
        last_before = min(part.last, span.first - 1)
        first_after = max(part.first, span.last + 1)
        before = RowSpan(part.first, last_before)
        after = RowSpan(first_after, part.last)
        # A piece has no rows where the span covers its end of the part.
        yield from (piece for piece in (before, after) if piece.rows > 0)
