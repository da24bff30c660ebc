"""A face as it is followed: its track, its crops so far, and how alike its sightings are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from avdf.cache.spool import Stored
from avdf.pipeline.detect import Detection
from avdf.pipeline.likeness import face_patch, likeness
from avdf.pipeline.picture import Picture, Plane
from avdf.pipeline.shot import Span
from avdf.pipeline.track import FaceTrack

Crop = bytes | Stored  # an encoded crop, or where it is kept

_OTHER = 0.83  # likeness across a dissolve or a wipe below which it is another face


@dataclass(eq=False)
class FollowedFace:
    """A track with the crops of its rows so far. `over`: it cannot be found again, because the shot has ended."""

    track: FaceTrack = field(default_factory=FaceTrack)
    crops: list[Crop] = field(default_factory=list)
    boxes: list[npt.NDArray[np.float32]] = field(default_factory=list)
    patches: list[Plane] = field(default_factory=list)  # of every sighting
    changes: list[float] = field(default_factory=list)  # 1 - likeness, from each sighting to the next
    over: bool = False

    @property
    def next_row(self) -> int:
        """The first row that has no crop yet."""
        return self.track.first + len(self.crops)

    @property
    def motion(self) -> float:
        """How much the face itself changes from one sighting to the next: nearly 0 for a photograph."""
        return median(self.changes) if self.changes else 0.0

    def see(self, picture: Picture, detection: Detection) -> None:
        """Add the next sighting."""
        patch = face_patch(picture, detection.box)
        if self.patches and (alike := likeness(self.patches[-1], patch)) is not None:
            self.changes.append(1 - alike)
        self.track.see(picture.index, detection)
        self.patches.append(patch)

    def square_boxes(self) -> npt.NDArray[np.float32]:
        """(rows, 4) the squares that were cropped."""
        return np.concatenate(self.boxes)

    def part(self, first: int, last: int) -> "FollowedFace":
        """The face from row `first` to row `last` alone."""
        start, stop = first - self.track.first, last + 1 - self.track.first
        seen = [index for index, row in enumerate(self.track.rows) if first <= row <= last]
        patches = [self.patches[index] for index in seen]
        changes = self.changes if len(seen) < 2 else _changes(patches)
        boxes = [self.square_boxes()[start:stop]]
        return FollowedFace(self.track.part(first, last), self.crops[start:stop], boxes, patches, changes, self.over)

    def differs_across(self, span: Span) -> bool:
        """Whether the last sighting before the rows shows another face than the first after them."""
        before = [index for index, row in enumerate(self.track.rows) if row < span[0]]
        after = [index for index, row in enumerate(self.track.rows) if row > span[1]]
        if not before or not after:
            return True
        alike = likeness(self.patches[before[-1]], self.patches[after[0]])
        return alike is not None and alike < _OTHER


def _changes(patches: Sequence[Plane]) -> list[float]:
    scores = [likeness(first, second) for first, second in pairwise(patches)]
    return [1 - score for score in scores if score is not None]


def without(face: FollowedFace, dim: Sequence[Span], mixed: Sequence[Span]) -> list[FollowedFace]:
    """The face without rows that show no face, or two at once: nearly black ones, and those of a dissolve or a wipe.

    Where the same face is there before and after a dissolve, the dissolve was beside it.
    """
    spans = [*dim, *(span for span in mixed if face.differs_across(span))]
    parts = [(face.track.first, face.track.last)]
    for start, end in spans:
        cut = [piece for first, last in parts for piece in ((first, min(last, start - 1)), (max(first, end + 1), last))]
        parts = [(first, last) for first, last in cut if first <= last]
    parts = sorted(set(parts))
    if parts == [(face.track.first, face.track.last)]:
        return [face]
    return [face.part(first, last) for first, last in parts]
