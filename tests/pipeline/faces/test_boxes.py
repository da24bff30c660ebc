"""Boxes: overlap, matching, interpolation, squares, and the limits of the frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.pipeline.faces.boxes import (
    best_match,
    fit_into_frame,
    interpolate,
    match,
    overlap,
    square_around,
)
from avdf.pipeline.faces.detection import Box, Detection, long_side
from tests.helpers.tracks import make_box

locations = st.floats(0, 500)
lengths = st.floats(1, 300)
boxes = st.builds(make_box, locations, locations, lengths, lengths)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_bounded(first: Box, second: Box) -> None:
    assert overlap(first, second) == pytest.approx(overlap(second, first), abs=1e-6)
    assert -1e-6 <= overlap(first, second) <= 1 + 1e-6


@given(boxes)
def test_a_box_overlaps_itself_in_full(box: Box) -> None:
    assert overlap(box, box) == pytest.approx(1, abs=1e-3)


def test_overlap_is_intersection_over_union() -> None:
    assert overlap(make_box(0, 0, 10, 10), make_box(5, 0, 10, 10)) == pytest.approx(
        1 / 3
    )


def test_boxes_without_area_do_not_overlap() -> None:
    empty = make_box(5, 5, 0, 0)
    assert overlap(empty, empty) == 0.0


@given(st.lists(boxes, max_size=5), st.lists(boxes, max_size=5))
def test_matching_is_one_to_one(known: list[Box], found: list[Box]) -> None:
    pairs = match(known, found)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert all(overlap(known[a], found[b]) >= 0.25 for a, b in pairs)


def test_matching_takes_the_largest_total_overlap() -> None:
    """The second box fits the first best, but only it fits the second at all."""
    known = [make_box(0, 0, 100, 100), make_box(40, 0, 100, 100)]
    found = [make_box(20, 0, 100, 100), make_box(-30, 0, 100, 100)]
    assert sorted(match(known, found)) == [(0, 1), (1, 0)]


def test_the_best_match_is_the_nearest_box() -> None:
    found = [make_box(300, 0, 50, 50), make_box(5, 0, 50, 50), make_box(20, 0, 50, 50)]
    assert best_match(make_box(0, 0, 50, 50), found) == 1


def test_where_nothing_is_near_there_is_no_match() -> None:
    assert best_match(make_box(0, 0, 50, 50), [make_box(300, 0, 50, 50)]) is None
    assert best_match(make_box(0, 0, 50, 50), []) is None


def test_between_two_boxes_all_corners_move_in_step() -> None:
    first, last = make_box(0, 0, 10, 10), make_box(100, 50, 20, 30)
    np.testing.assert_array_equal(interpolate(first, last, 0), first)
    np.testing.assert_array_equal(interpolate(first, last, 1), last)
    np.testing.assert_array_equal(
        interpolate(first, last, 0.5), make_box(50, 25, 15, 20)
    )


def test_a_square_has_the_centre_and_the_longer_side() -> None:
    np.testing.assert_array_equal(
        square_around(make_box(10, 20, 40, 60)), [0, 20, 60, 80]
    )


def test_the_longer_side_of_a_detection_is_its_size() -> None:
    box = make_box(0, 0, 30, 40)
    assert Detection(box, 0.9).side == long_side(box) == 40


def test_squares_that_fit_stay_as_they_are() -> None:
    squares = np.array([[10, 20, 300, 310], [-50, 100, 500, 650]], np.float32)
    np.testing.assert_array_equal(fit_into_frame(squares, 640, 480), squares)


def test_a_larger_square_becomes_as_large_as_the_frame_and_holds_it() -> None:
    squares = np.array([[-300, -200, 900, 1000]], np.float32)
    np.testing.assert_array_equal(fit_into_frame(squares, 640, 480), [[0, 0, 640, 640]])
