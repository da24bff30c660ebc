"""Patches of a face: what makes them alike, and what counts as motion of the face itself."""

import cv2
import numpy as np
import pytest

from avdf.pipeline.faces.likeness import face_motion, face_patch, likeness
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane
from tests.helpers.tracks import make_box, texture

SIDE = 32  # pixels of a patch
FLAT = np.full((SIDE, SIDE), 90, np.uint8)


def smooth(seed: int) -> Plane:
    """A patch with soft shapes, as faces have."""
    coarse = texture(seed, 8)
    patch = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(patch, np.uint8)


def alike(one: Plane, other: Plane) -> float:
    """The likeness of two patches that can be compared."""
    found = likeness(one, other)
    assert found is not None
    return found


def motion(one: Plane, other: Plane) -> float:
    """The motion between two patches that can be compared."""
    found = face_motion(one, other)
    assert found is not None
    return found


# Likeness


def test_a_patch_is_as_alike_as_can_be_to_itself() -> None:
    patch = texture(1)
    assert alike(patch, patch) == pytest.approx(1, abs=1e-4)


def test_other_patches_are_not_alike() -> None:
    assert alike(texture(1), texture(2)) < 0.5


def test_brightness_and_contrast_do_not_matter() -> None:
    patch = smooth(1)
    dimmed = (patch * 0.4 + 20).astype(np.uint8)
    assert alike(patch, dimmed) == pytest.approx(1, abs=0.02)


def test_a_small_shift_does_not_matter() -> None:
    patch = texture(1)
    shifted = np.roll(patch, (3, -2), axis=(0, 1))
    assert alike(patch, shifted) == pytest.approx(1, abs=1e-4)


def test_a_mouth_that_opens_does_not_matter() -> None:
    opened = smooth(1)
    opened[22:30, 8:24] = 0
    assert alike(smooth(1), opened) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FLAT, texture(1)),
        (texture(1), FLAT),
    ],
    ids=["first is flat", "second is flat"],
)
def test_a_flat_patch_is_like_nothing(one: Plane, other: Plane) -> None:
    """It has no contrast to compare."""
    assert likeness(one, other) is None


# Motion


def test_from_a_flat_patch_there_is_no_motion() -> None:
    assert face_motion(FLAT, texture(1)) is None


def test_a_moved_photograph_has_no_motion_of_its_own() -> None:
    photograph = smooth(1)
    turn = cv2.getRotationMatrix2D((16, 16), angle=4, scale=1.03)
    moved = cv2.warpAffine(
        photograph,
        turn,
        (SIDE, SIDE),
        borderMode=cv2.BORDER_REPLICATE,
    )
    assert motion(photograph, np.asarray(moved, np.uint8)) < 0.1


def test_a_mouth_that_opens_is_motion() -> None:
    opened = smooth(1)
    opened[20:27, 10:22] = 0
    assert motion(smooth(1), opened) > 0.3


# Patches


def frame_of(luma: Plane) -> DecodedFrame:
    return DecodedFrame(0, (luma, luma, luma), Colour())


def test_a_patch_is_the_luma_around_the_box() -> None:
    face = texture(1, 40)
    luma = np.zeros((100, 100), np.uint8)
    luma[20:60, 30:70] = face

    patch = face_patch(frame_of(luma), make_box(30, 20, 39, 39))

    expected = cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(patch, expected)


def test_a_box_outside_of_the_frame_has_an_empty_patch() -> None:
    patch = face_patch(frame_of(texture(1)), make_box(500, 500, 40, 40))
    assert not patch.any()
