"""Patches of a face: what makes them alike, and what counts as motion of the face itself."""

import cv2
import numpy as np
import pytest

from avdf.pipeline.faces.likeness import face_motion, face_patch, likeness
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane
from tests.helpers.tracks import make_box, texture

FLAT = np.full((32, 32), 90, np.uint8)


def smooth(seed: int) -> Plane:
    """A patch with soft shapes, as faces have."""
    coarse = texture(seed, 8)
    return np.asarray(
        cv2.resize(coarse, (32, 32), interpolation=cv2.INTER_CUBIC), np.uint8
    )


def test_a_patch_is_as_alike_as_can_be_to_itself() -> None:
    assert likeness(texture(1), texture(1)) == pytest.approx(1, abs=1e-4)


def test_other_patches_are_not_alike() -> None:
    alike = likeness(texture(1), texture(2))
    assert alike is not None
    assert alike < 0.5


def test_brightness_and_contrast_do_not_matter() -> None:
    dimmed = (smooth(1) * 0.4 + 20).astype(np.uint8)
    assert likeness(smooth(1), dimmed) == pytest.approx(1, abs=0.02)


def test_a_small_shift_does_not_matter() -> None:
    shifted = np.roll(texture(1), (3, -2), axis=(0, 1))
    assert likeness(texture(1), shifted) == pytest.approx(1, abs=1e-4)


def test_a_mouth_that_opens_does_not_matter() -> None:
    opened = smooth(1)
    opened[22:30, 8:24] = 0
    assert likeness(smooth(1), opened) == pytest.approx(1, abs=0.01)


def test_a_flat_patch_is_compared_to_nothing() -> None:
    assert likeness(FLAT, texture(1)) is None
    assert likeness(texture(1), FLAT) is None
    assert face_motion(FLAT, texture(1)) is None


def test_a_moved_photograph_has_no_motion_of_its_own() -> None:
    turn = cv2.getRotationMatrix2D((16, 16), 4, 1.03)
    moved = cv2.warpAffine(smooth(1), turn, (32, 32), borderMode=cv2.BORDER_REPLICATE)
    motion = face_motion(smooth(1), np.asarray(moved, np.uint8))
    assert motion is not None
    assert motion < 0.1


def test_a_mouth_that_opens_is_motion() -> None:
    opened = smooth(1)
    opened[20:27, 10:22] = 0
    motion = face_motion(smooth(1), opened)
    assert motion is not None
    assert motion > 0.3


def test_a_patch_is_the_luma_around_the_box() -> None:
    luma = np.zeros((100, 100), np.uint8)
    luma[20:60, 30:70] = texture(1, 40)
    frame = DecodedFrame(0, (luma, luma, luma), Colour())
    patch = face_patch(frame, make_box(30, 20, 39, 39))
    assert patch.shape == (32, 32)
    expected = cv2.resize(texture(1, 40), (32, 32), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(patch, expected)


def test_a_box_outside_of_the_frame_has_an_empty_patch() -> None:
    frame = DecodedFrame(0, (texture(1), texture(1), texture(1)), Colour())
    assert not face_patch(frame, make_box(500, 500, 40, 40)).any()
