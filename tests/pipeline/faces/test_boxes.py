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
boxes = st.builds(
    make_box,
    locations,
    locations,
    lengths,
    lengths,
)
several_boxes = st.lists(boxes, max_size=5)


def box_at(x: float, side: float = 50) -> Box:
    """A square box at the upper edge of the frame."""
    return make_box(x, 0, side, side)


# Overlap


@given(boxes, boxes)
def test_overlap_is_symmetric(first: Box, second: Box) -> None:
    there = overlap(first, second)
    back = overlap(second, first)
    assert there == pytest.approx(back, abs=1e-6)


@given(boxes, boxes)
def test_overlap_is_between_0_and_1(first: Box, second: Box) -> None:
    rounding = 1e-6
    assert -rounding <= overlap(first, second) <= 1 + rounding


@given(boxes)
def test_a_box_overlaps_itself_in_full(box: Box) -> None:
    assert overlap(box, box) == pytest.approx(1, abs=1e-3)


def test_overlap_is_intersection_over_union() -> None:
    first = box_at(0, side=10)
    second = box_at(5, side=10)
    # They share 5 x 10 pixels of 15 x 10.
    assert overlap(first, second) == pytest.approx(1 / 3)


def test_boxes_without_area_do_not_overlap() -> None:
    empty = make_box(5, 5, 0, 0)
    assert overlap(empty, empty) == 0.0


# Matching


@given(several_boxes, several_boxes)
def test_matching_is_one_to_one(known: list[Box], found: list[Box]) -> None:
    pairs = match(known, found)
    matched_known = {index for index, _ in pairs}
    matched_found = {index for _, index in pairs}
    assert len(matched_known) == len(pairs)
    assert len(matched_found) == len(pairs)


@given(several_boxes, several_boxes)
def test_matched_boxes_overlap(known: list[Box], found: list[Box]) -> None:
    for own, other in match(known, found):
        assert overlap(known[own], found[other]) >= 0.25


def test_matching_takes_the_largest_total_overlap() -> None:
    """The second box fits the first best, but only it fits the second at all."""
    known = [box_at(0, side=100), box_at(40, side=100)]
    found = [box_at(20, side=100), box_at(-30, side=100)]
    pairs = match(known, found)
    assert sorted(pairs) == [(0, 1), (1, 0)]


def test_the_best_match_is_the_nearest_box() -> None:
    far, nearest, near = box_at(300), box_at(5), box_at(20)
    assert best_match(box_at(0), [far, nearest, near]) == 1


@pytest.mark.parametrize("found", [[box_at(300)], []], ids=["far away", "none"])
def test_where_nothing_is_near_there_is_no_match(found: list[Box]) -> None:
    assert best_match(box_at(0), found) is None


# Interpolation


FIRST = make_box(0, 0, 10, 10)
LAST = make_box(100, 50, 20, 30)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0, FIRST),
        (0.5, make_box(50, 25, 15, 20)),
        (1, LAST),
    ],
)
def test_between_two_boxes_all_corners_move_in_step(
    share: float,
    expected: Box,
) -> None:
    found = interpolate(FIRST, LAST, share)
    np.testing.assert_array_equal(found, expected)


# Squares


def test_a_square_has_the_centre_and_the_longer_side() -> None:
    square = square_around(make_box(10, 20, 40, 60))
    # 60 pixels wide and high around the centre (30, 50).
    np.testing.assert_array_equal(square, [0, 20, 60, 80])


def test_the_longer_side_of_a_detection_is_its_size() -> None:
    box = make_box(0, 0, 30, 40)
    assert long_side(box) == 40
    assert Detection(box, 0.9).side == 40


def test_squares_that_fit_stay_as_they_are() -> None:
    inside = [10, 20, 300, 310]
    partly_outside = [-50, 100, 500, 650]
    squares = np.array([inside, partly_outside], np.float32)
    fitted = fit_into_frame(squares, 640, 480)
    np.testing.assert_array_equal(fitted, squares)


def test_a_larger_square_becomes_as_large_as_the_frame_and_holds_it() -> None:
    squares = np.array([[-300, -200, 900, 1000]], np.float32)
    fitted = fit_into_frame(squares, 640, 480)
    np.testing.assert_array_equal(fitted, [[0, 0, 640, 640]])
