"""Whether the face in one location stays the same person's from row to row."""

from avdf.pipeline.faces.boxes import interpolate
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.held_frames import HeldFrames
from avdf.pipeline.faces.likeness import face_patch, likeness
from avdf.pipeline.media.frame import DecodedFrame

# Likeness of two detections in a row below which the rows between them are compared one by one.
_SUSPECT = 0.8


def row_of_change(
    frames: HeldFrames,
    face: FollowedFace,
    row: int,
    detection: Detection,
) -> int | None:
    """The first row in which another person is in the face's location; None: it is the same face.

    Args:
        row, detection: the next detection in that location.
    """
    alike = face.likeness_to(frames[row], detection.box)
    if alike is None or alike >= _SUSPECT:
        return None
    # The face changed somewhere on the way. It did so where two neighbouring rows differ most; if
    # no two neighbours differ that much, the face itself moved bit by bit.
    start, first = face.last, face.box
    lowest, change = _SUSPECT, None
    for at in range(start + 1, row + 1):
        box = interpolate(
            first,
            detection.box,
            (at - start) / (row - start),
        )
        earlier = face_patch(frames[at - 1], box)
        later = face_patch(frames[at], box)
        step = likeness(earlier, later)
        if step is not None and step < lowest:
            lowest, change = step, at
    return change


def is_same_after_jump(
    face: FollowedFace,
    before: DecodedFrame,
    after: DecodedFrame,
    found: Box,
    least: float,
) -> bool:
    """Whether the face of the frame before a jump is in the frame after it.

    It may be at its old location (the light has changed) or at the new one (the camera has moved).

    Args:
        found: the new location.
        least: likeness from which on it is the same face.
    """
    old = face_patch(before, face.box)
    new = [face_patch(after, box) for box in (face.box, found)]
    scores = [likeness(old, patch) for patch in new]
    return any(score is not None and score >= least for score in scores)
