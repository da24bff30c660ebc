"""A face as it is followed: its track, its crops so far, and how alike its sightings are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from avdf.cache.shards.crop_spool import StoredCrop
from avdf.pipeline.faces.detection import Detection
from avdf.pipeline.faces.likeness import face_motion, face_patch, likeness
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane

Crop = bytes | StoredCrop  # an encoded crop, or where it is kept

_MOST_COMPARED = 60  # pairs of sightings from which a face's motion is taken
_OTHER = 0.83  # likeness across a dissolve or a wipe below which it is another face


@dataclass(eq=False)
class FollowedFace:
    """A track with the crops of its rows so far. `over`: it cannot be found again, because the shot has ended."""

    track: FaceTrack = field(default_factory=FaceTrack)
    crops: list[Crop] = field(default_factory=list)
    boxes: list[npt.NDArray[np.float32]] = field(default_factory=list)
    patches: list[Plane] = field(default_factory=list)  # of every sighting
    over: bool = False

    @property
    def next_row(self) -> int:
        """The first row that has no crop yet."""
        return self.track.first + len(self.crops)

    def motion(self) -> float:
        """How much the face itself moves from one sighting to the next: its mouth, its eyes."""
        step = max(1, len(self.patches) // _MOST_COMPARED)
        pairs = list(pairwise(self.patches))[::step]
        moves = [
            move for first, second in pairs if (move := face_motion(first, second)) is not None
        ]
        return median(moves) if moves else 0.0

    def see(self, picture: DecodedFrame, detection: Detection) -> None:
        """Add the next sighting."""
        self.track.see(picture.row, detection)
        self.patches.append(face_patch(picture, detection.box))

    def square_boxes(self) -> npt.NDArray[np.float32]:
        """(rows, 4) the squares that were cropped."""
        return np.concatenate(self.boxes)

    def part(self, first: int, last: int) -> "FollowedFace":
        """The face from row `first` to row `last` alone."""
        start, stop = first - self.track.first, last + 1 - self.track.first
        seen = [index for index, row in enumerate(self.track.rows) if first <= row <= last]
        patches = [self.patches[index] for index in seen]
        boxes = [self.square_boxes()[start:stop]]
        return FollowedFace(
            self.track.part(first, last), self.crops[start:stop], boxes, patches, self.over
        )

    def differs_across(self, span: RowSpan) -> bool:
        """Whether the last sighting before the rows shows another face than the first after them."""
        before = [index for index, row in enumerate(self.track.rows) if row < span[0]]
        after = [index for index, row in enumerate(self.track.rows) if row > span[1]]
        if not before or not after:
            return True
        alike = likeness(self.patches[before[-1]], self.patches[after[0]])
        return alike is not None and alike < _OTHER


def without(
    face: FollowedFace, empty: Sequence[RowSpan], mixed: Sequence[RowSpan]
) -> list[FollowedFace]:
    """The face without rows that show no living face, or two at once.

    empty  rows that are nearly black, or repeat one picture
    mixed  rows of a dissolve or a wipe

    Where the same face is there before and after a dissolve, the dissolve was beside it.
    """
    touched = [span for span in mixed if span[0] <= face.track.last and face.track.first <= span[1]]
    spans = [*empty, *(span for span in touched if face.differs_across(span))]
    parts = [(face.track.first, face.track.last)]
    for start, end in spans:
        cut = [
            piece
            for first, last in parts
            for piece in ((first, min(last, start - 1)), (max(first, end + 1), last))
        ]
        parts = [(first, last) for first, last in cut if first <= last]
    parts = sorted(set(parts))
    if parts == [(face.track.first, face.track.last)]:
        return [face]
    return [face.part(first, last) for first, last in parts]
