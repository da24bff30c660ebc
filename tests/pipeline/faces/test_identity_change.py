"""Another person in the same location is found in the row where the change is."""

import numpy as np
import pytest

from avdf.pipeline.faces.detection import Detection
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.held_frames import HeldFrames
from avdf.pipeline.faces.identity_change import is_same_after_jump, row_of_change
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from tests.helpers.tracks import make_box, texture

BOX = make_box(20, 10, 40, 40)


def frame(row: int, person: int, x: int = 20) -> DecodedFrame:
    """A dark frame with a face of 40 x 40 pixels at x, 10."""
    luma = np.full((80, 120), 30, np.uint8)
    luma[10:50, x : x + 40] = texture(person, 40)
    return DecodedFrame(row, (luma, luma, luma), Colour())


def seen_at_row_0(person: int = 1) -> FollowedFace:
    face = FollowedFace()
    face.add(frame(0, person), Detection(BOX, 0.99))
    return face


@pytest.mark.parametrize("change", [1, 4, 10])
def test_the_change_is_found_in_its_row(change: int) -> None:
    frames = HeldFrames()
    for row in range(11):
        frames.add(frame(row, person=1 if row < change else 2))
    assert row_of_change(frames, seen_at_row_0(), 10, Detection(BOX, 0.99)) == change


def test_the_same_person_is_no_change() -> None:
    frames = HeldFrames()
    for row in range(11):
        frames.add(frame(row, person=1))
    assert row_of_change(frames, seen_at_row_0(), 10, Detection(BOX, 0.99)) is None


def test_after_a_jump_the_face_may_be_at_its_old_location() -> None:
    found = make_box(70, 10, 40, 40)
    assert is_same_after_jump(
        seen_at_row_0(),
        frame(0, 1),
        frame(1, 1),
        found,
        least=0.86,
    )


def test_after_a_jump_the_face_may_be_at_its_new_location() -> None:
    found = make_box(70, 10, 40, 40)
    assert is_same_after_jump(
        seen_at_row_0(),
        frame(0, 1),
        frame(1, 1, x=70),
        found,
        least=0.86,
    )


def test_after_a_jump_another_face_is_not_the_same() -> None:
    assert not is_same_after_jump(
        seen_at_row_0(),
        frame(0, 1),
        frame(1, 2),
        BOX,
        least=0.86,
    )
