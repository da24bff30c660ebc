"""MTCNN on frames of every shape, and the confirmation of known faces."""

import numpy as np
import pytest

from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Detection
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane
from tests.helpers.scenes import speaker
from tests.helpers.tracks import make_box

BT601_LUMA = (0.257, 0.504, 0.098)  # of RGB, limited range; plus 16


def flat_plane(width: int, height: int, level: int) -> Plane:
    return np.full((height, width), level, np.uint8)


def grey_frame(width: int, height: int) -> DecodedFrame:
    """A frame without any face."""
    luma = flat_plane(width, height, 90)
    chroma = flat_plane((width + 1) // 2, (height + 1) // 2, 128)
    return DecodedFrame(0, (luma, chroma, chroma), Colour())


def frame_with_face(x: int, y: int) -> DecodedFrame:
    """A grey frame of 480 x 360 with a synthetic speaker of 256 x 256 in it."""
    luma = flat_plane(480, 360, 90)
    face = speaker(2)[0].astype(np.float32) @ BT601_LUMA + 16
    luma[y : y + 256, x : x + 256] = face.astype(np.uint8)
    grey = flat_plane(480, 360, 128)
    return DecodedFrame(0, (luma, grey, grey), Colour())


def found_face(detector: FaceDetector, frame: DecodedFrame) -> Detection:
    """The only face that a search finds."""
    ((face,),) = detector.search([frame])
    return face


# Searches


@pytest.mark.parametrize("smallest", [1 / 8, 1 / 32])
@pytest.mark.parametrize(
    ("width", "height"),
    [
        (1920, 192),
        (34, 288),
        (32, 24),
        (2, 2),
        (16, 2000),
    ],
)
def test_narrow_frames_are_searched(
    width: int,
    height: int,
    smallest: float,
    detector: FaceDetector,
) -> None:
    """They are shrunk for the search: no side may become too short for the network."""
    frame = grey_frame(width, height)
    assert detector.search([frame], smallest) == [[]]


def test_in_no_frames_nothing_is_found(detector: FaceDetector) -> None:
    assert detector.search([]) == []


def test_in_no_frames_nothing_is_confirmed(detector: FaceDetector) -> None:
    assert detector.refine([], []) == []


def test_a_search_finds_a_face_where_it_is(detector: FaceDetector) -> None:
    left = found_face(detector, frame_with_face(0, 50))
    right = found_face(detector, frame_with_face(200, 50))
    shift = right.box - left.box
    np.testing.assert_allclose(shift, [200, 0, 200, 0], atol=8)


def test_a_search_finds_what_mtcnn_finds_in_interleaved_colours(
    detector: FaceDetector,
) -> None:
    frame = frame_with_face(120, 60)
    image, scale = frame.small(detector.settings.search_side)
    found = found_face(detector, frame)
    ((box,), _) = detector._network.detect(image)
    np.testing.assert_array_equal(found.box, (box * scale).astype(np.float32))


def test_a_face_of_a_search_is_marked_as_searched(detector: FaceDetector) -> None:
    assert found_face(detector, frame_with_face(0, 50)).searched


# Confirmations


def test_a_face_is_confirmed_near_its_last_box(detector: FaceDetector) -> None:
    frame = frame_with_face(100, 50)
    face = found_face(detector, frame)
    a_little_off = face.box + np.float32(6)

    (confirmed,) = detector.refine([frame], [a_little_off])

    np.testing.assert_allclose(confirmed.box, face.box, atol=10)
    assert confirmed.probability > 0.9
    assert not confirmed.searched


def test_where_there_is_no_face_the_probability_is_low(detector: FaceDetector) -> None:
    frame = frame_with_face(200, 50)
    left_of_the_face = make_box(20, 20, 100, 120)
    (confirmed,) = detector.refine([frame], [left_of_the_face])
    # Below this, a face is not followed on.
    assert confirmed.probability < detector.settings.confirm
