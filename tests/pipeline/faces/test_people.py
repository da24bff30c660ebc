"""Which tracks show one person."""

from dataclasses import replace

import numpy as np

from avdf.pipeline.faces.detection import Detection
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.people import number_people
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.media.resample import Plane
from tests.helpers.tracks import make_box, make_face, texture


def moved(face: FollowedFace, x: float) -> FollowedFace:
    """The same face, `x` pixels further to the right."""
    box = make_box(x, 0, 50, 50)
    detections = [Detection(box, 0.99) for _ in face.track.rows]
    return replace(face, track=FaceTrack(face.track.rows, detections))


def blended(first: int, second: int, share: float) -> Plane:
    """A patch that is like two persons."""
    one, other = texture(first).astype(float), texture(second).astype(float)
    return np.asarray(one * (1 - share) + other * share, np.uint8)


def test_a_person_who_comes_back_keeps_the_number() -> None:
    tracks = [make_face(0, 20), make_face(21, 40, seeds=(2,)), make_face(41, 60)]
    assert number_people(tracks) == [1, 2, 1]


def test_a_person_at_another_location_gets_a_new_number() -> None:
    tracks = [make_face(0, 20), moved(make_face(40, 60), 200)]
    assert number_people(tracks) == [1, 2]


def test_two_faces_in_one_row_are_two_persons() -> None:
    """As alike as they may be, and at one location."""
    assert number_people([make_face(0, 20), make_face(20, 40)]) == [1, 2]


def test_a_face_that_is_like_two_persons_is_neither() -> None:
    between = replace(make_face(60, 80), patches=[blended(1, 2, 0.5)] * 21)
    alone = number_people([make_face(0, 20), replace(between, patches=between.patches)])
    assert alone == [1, 2], "half like a person is not enough"
    twins = [make_face(0, 20), make_face(0, 20), make_face(40, 60)]
    assert number_people(twins) == [1, 2, 3], "either of the first two may be meant"


def test_one_view_of_a_person_who_turns_is_enough() -> None:
    turned = make_face(0, 20, seeds=(1, 5))  # another view in the second half
    back = make_face(40, 60, seeds=(5, 6))
    assert number_people([turned, back]) == [1, 1]


def test_flat_patches_show_nobody() -> None:
    flat = np.full((32, 32), 90, np.uint8)
    tracks = [replace(make_face(at, at + 9), patches=[flat] * 10) for at in (0, 20)]
    assert number_people(tracks) == [1, 2]


def test_without_tracks_there_is_nobody() -> None:
    assert number_people([]) == []
