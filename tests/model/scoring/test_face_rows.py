"""Words for where the faces of a video are."""

from dataclasses import replace

from avdf.model.scoring.face_rows import FaceRow, places_of
from avdf.model.scoring.seen_face import SeenFace


def rows(*lefts: float) -> list[FaceRow]:
    """Faces 1, 2, ... of 100 pixels whose left edges are at these pixels."""
    return [
        FaceRow("a", SeenFace(number, 0, 3, 1.0, 1, left, 50, left + 100, 150))
        for number, left in enumerate(lefts, start=1)
    ]


def test_two_are_left_and_right_whatever_their_numbers() -> None:
    assert places_of(rows(300, 20)) == {1: "right", 2: "left"}


def test_three_have_one_in_the_middle() -> None:
    assert places_of(rows(200, 20, 400)) == {1: "middle", 2: "left", 3: "right"}


def test_more_are_counted_from_the_left() -> None:
    assert places_of(rows(20, 620, 220, 420))[4] == "number 3 of 4 from the left"


def test_squares_may_overlap_a_little() -> None:
    assert places_of(rows(20, 90)) == {1: "left", 2: "right"}


def test_faces_that_follow_each_other_at_one_place_have_no_such_word() -> None:
    assert places_of(rows(20, 60)) == {}
    assert places_of(rows(20)) == {}


def test_faces_of_different_shots_have_no_such_word() -> None:
    one, other = rows(20, 300)
    later = replace(other, seen=replace(other.seen, start=3, end=6))
    assert places_of([one, later]) == {}


def test_a_large_face_around_a_small_one_has_no_such_word() -> None:
    one, other = rows(100, 120)
    large = replace(other, seen=replace(other.seen, x2=600))
    assert places_of([one, large]) == {}
