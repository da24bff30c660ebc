"""MTCNN on frames of every shape, and the confirmation of known faces."""

import numpy as np
import pytest

from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Detection
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from tests.helpers.scenes import speaker
from tests.helpers.tracks import make_box


def grey_frame(width: int, height: int) -> DecodedFrame:
    chroma = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return DecodedFrame(
        0, (np.full((height, width), 90, np.uint8), chroma, chroma), Colour()
    )


def frame_with_face(x: int, y: int) -> DecodedFrame:
    """A grey frame of 480 x 360 with a synthetic speaker of 256 x 256 in it."""
    luma = np.full((360, 480), 90, np.uint8)
    face = speaker(2)[0].astype(np.float32) @ [0.257, 0.504, 0.098] + 16
    luma[y : y + 256, x : x + 256] = face.astype(np.uint8)
    grey = np.full_like(luma, 128)
    return DecodedFrame(0, (luma, grey, grey), Colour())


@pytest.mark.parametrize("smallest", [1 / 8, 1 / 32])
@pytest.mark.parametrize(
    "size",
    [
        (1920, 192),
        (34, 288),
        (32, 24),
        (2, 2),
        (16, 2000),
    ],
)
def test_narrow_frames_are_searched(
    size: tuple[int, int],
    smallest: float,
    detector: FaceDetector,
) -> None:
    assert detector.search([grey_frame(*size)], smallest) == [[]]


def test_no_frames_have_no_faces(detector: FaceDetector) -> None:
    assert detector.search([]) == []
    assert detector.refine([], []) == []


def found_face(detector: FaceDetector, frame: DecodedFrame) -> Detection:
    ((face,),) = detector.search([frame])
    return face


def test_a_search_finds_a_face_where_it_is(detector: FaceDetector) -> None:
    left = found_face(detector, frame_with_face(0, 50))
    right = found_face(detector, frame_with_face(200, 50))
    np.testing.assert_allclose(right.box - left.box, [200, 0, 200, 0], atol=8)
    assert left.searched


def test_a_face_is_confirmed_near_its_last_box(detector: FaceDetector) -> None:
    frame = frame_with_face(100, 50)
    face = found_face(detector, frame)
    (confirmed,) = detector.refine([frame], [face.box + np.float32(6)])
    np.testing.assert_allclose(confirmed.box, face.box, atol=10)
    assert confirmed.probability > 0.9
    assert not confirmed.searched


def test_where_there_is_no_face_the_probability_is_low(detector: FaceDetector) -> None:
    frame = frame_with_face(200, 50)
    (confirmed,) = detector.refine([frame], [make_box(20, 20, 100, 120)])
    assert confirmed.probability < 0.7
