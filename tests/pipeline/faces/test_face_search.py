"""When the whole frame is searched, and when a confirmation is enough."""

from collections.abc import Sequence

import numpy as np
import pytest

from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.face_search import FaceSearch
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.held_frames import HeldFrames
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.settings import FaceSettings
from tests.helpers.tracks import make_box

FACE = make_box(40, 30, 40, 50)
OTHER = make_box(120, 30, 30, 30)


class RecordingDetector(FaceDetector):
    """Finds what it is told to, and remembers what it was asked for."""

    def __init__(self, settings: FaceSettings) -> None:
        self.settings = settings
        self.found: dict[float, list[Box]] = {}  # by the smallest face of a search
        self.confidence = 0.99
        self.searches: list[float] = []

    def search(
        self,
        frames: Sequence[DecodedFrame],
        smallest: float = 0.0,
    ) -> list[list[Detection]]:
        self.searches.append(smallest)
        boxes = self.found.get(smallest, [])
        return [[Detection(box, 0.99) for box in boxes] for _ in frames]

    def refine(
        self,
        frames: Sequence[DecodedFrame],
        guesses: Sequence[Box],
    ) -> list[Detection]:
        return [Detection(guess, self.confidence, searched=False) for guess in guesses]


def frame(row: int, level: int = 100) -> DecodedFrame:
    luma = np.full((120, 160), level, np.uint8)
    return DecodedFrame(row, (luma, luma, luma), Colour())


def known_face(row: int, searched: bool = True) -> FollowedFace:
    face = FollowedFace()
    face.add(frame(row), Detection(FACE, 0.99, searched))
    return face


@pytest.fixture
def detector() -> RecordingDetector:
    return RecordingDetector(FaceSettings())


def searched_at_row_0(
    detector: RecordingDetector,
    thorough: bool = False,
) -> FaceSearch:
    """A search that has seen row 0, whose calls are forgotten."""
    search = FaceSearch(detector, thorough)
    search.search(frame(0), frame(0).thumbnail(), any_known=True)
    detector.searches.clear()
    return search


def test_a_known_face_in_a_calm_frame_is_confirmed(detector: RecordingDetector) -> None:
    search = searched_at_row_0(detector)
    (found,) = search.faces_at(frame(25), [known_face(0)], last_uncertain=-1)
    assert not found.searched
    assert detector.searches == []


def test_a_frame_that_has_changed_is_searched(detector: RecordingDetector) -> None:
    search = searched_at_row_0(detector)
    search.faces_at(frame(25, level=150), [known_face(0)], last_uncertain=-1)
    assert len(detector.searches) == 1


def test_a_change_of_the_known_face_alone_is_calm(detector: RecordingDetector) -> None:
    search = searched_at_row_0(detector)
    moved = frame(25)
    moved.planes[0][30:80, 40:80] = 160
    search.faces_at(moved, [known_face(0)], last_uncertain=-1)
    assert detector.searches == []


def test_a_change_elsewhere_is_searched_however_small(
    detector: RecordingDetector,
) -> None:
    search = searched_at_row_0(detector)
    joined = frame(25)
    joined.planes[0][90:110, 135:155] = 250
    search.faces_at(joined, [known_face(0)], last_uncertain=-1)
    assert len(detector.searches) == 1


def test_a_face_that_no_search_has_found_is_searched(
    detector: RecordingDetector,
) -> None:
    search = searched_at_row_0(detector)
    search.faces_at(frame(25), [known_face(0, searched=False)], last_uncertain=-1)
    assert len(detector.searches) == 1


def test_a_search_is_due_after_a_while(detector: RecordingDetector) -> None:
    search = searched_at_row_0(detector)
    search.faces_at(frame(75), [known_face(50)], last_uncertain=-1)
    assert len(detector.searches) == 1


def test_after_a_gradual_transition_the_frame_is_searched(
    detector: RecordingDetector,
) -> None:
    search = searched_at_row_0(detector)
    search.faces_at(frame(25), [known_face(0)], last_uncertain=10)
    assert len(detector.searches) == 1


def test_a_face_that_is_not_confirmed_is_searched(detector: RecordingDetector) -> None:
    search = searched_at_row_0(detector)
    detector.confidence = 0.3
    search.faces_at(frame(25), [known_face(0)], last_uncertain=-1)
    assert len(detector.searches) == 1


def test_where_no_face_is_a_finer_search_follows(detector: RecordingDetector) -> None:
    detector.found = {1 / 16: [FACE]}
    search = FaceSearch(detector, thorough=False)
    assert len(search.search(frame(0), frame(0).thumbnail(), any_known=False)) == 1
    assert detector.searches == [0.0, 1 / 16]


def test_where_a_face_is_followed_no_finer_search_follows(
    detector: RecordingDetector,
) -> None:
    search = FaceSearch(detector, thorough=False)
    search.search(frame(0), frame(0).thumbnail(), any_known=True)
    assert detector.searches == [0.0]


def test_a_thorough_search_asks_for_small_faces_at_once(
    detector: RecordingDetector,
) -> None:
    search = FaceSearch(detector, thorough=True)
    search.search(frame(0), frame(0).thumbnail(), any_known=False)
    assert detector.searches == [1 / 32]


def test_the_smallest_face_of_the_settings_is_asked_for() -> None:
    detector = RecordingDetector(FaceSettings(smallest=16))
    search = FaceSearch(detector, thorough=True)
    search.search(frame(0), frame(0).thumbnail(), any_known=False)
    assert detector.searches == [0.1]


def test_the_eight_largest_faces_are_kept_largest_first(
    detector: RecordingDetector,
) -> None:
    detector.found = {0.0: [make_box(0, 0, side, side) for side in range(20, 32)]}
    found = FaceSearch(detector, thorough=False).search(
        frame(0), frame(0).thumbnail(), False
    )
    assert [face.side for face in found] == [31, 30, 29, 28, 27, 26, 25, 24]


def test_doubt_is_settled_by_a_search(detector: RecordingDetector) -> None:
    detector.confidence = 0.3
    detector.found = {0.0: [OTHER, FACE]}
    near, far = FaceSearch(detector, False).find_near(
        [frame(0), frame(1)], [FACE + 3, make_box(0, 80, 20, 20)]
    )
    assert near is not None
    np.testing.assert_array_equal(near.box, FACE)
    assert far is None


def test_a_confirmed_face_needs_no_search(detector: RecordingDetector) -> None:
    (found,) = FaceSearch(detector, False).find_near([frame(0)], [FACE])
    assert found is not None
    assert detector.searches == []


def test_a_track_begins_with_a_face_of_a_search(detector: RecordingDetector) -> None:
    detector.found = {0.0: [FACE]}
    search = FaceSearch(detector, False)
    assert search.searched(frame(0), Detection(FACE, 0.8, searched=False)).searched


def test_a_face_that_a_search_does_not_find_stays_as_it_was(
    detector: RecordingDetector,
) -> None:
    confirmed = Detection(FACE, 0.8, searched=False)
    assert FaceSearch(detector, False).searched(frame(0), confirmed) is confirmed


def test_held_frames_are_found_by_their_rows() -> None:
    held = HeldFrames()
    for row in range(40, 50):
        held.add(frame(row))
    held.drop_before(45)
    held.drop_before(30)
    assert (held.first_row, held.last_row, len(held)) == (45, 49, 5)
    assert held[47].row == 47
