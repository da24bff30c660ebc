"""Parts of a followed face, and the rows that are cut out of it."""

import pytest

from avdf.pipeline.faces.followed_face import FollowedFace, without_rows
from avdf.pipeline.faces.row_span import RowSpan
from tests.helpers.tracks import make_face


@pytest.fixture
def face() -> FollowedFace:
    """One person in the rows from 10 to 29."""
    return make_face(10, 29)


@pytest.fixture
def two_persons() -> FollowedFace:
    """One person in the rows from 10 to 19, another from 20 to 29."""
    return make_face(10, 29, seeds=(1, 2))


def rows_of(parts: list[FollowedFace]) -> list[tuple[int, int]]:
    """The first and the last row of each part, whose crops are checked to be those rows."""
    for part in parts:
        rows = range(part.first, part.last + 1)
        assert part.crops == [b"%d" % row for row in rows]
        assert len(part.track) == len(rows)
        assert len(part.square_boxes()) == len(rows)
        assert len(part.patches) == len(rows)
    return [(part.first, part.last) for part in parts]


def test_a_part_has_the_crops_of_its_rows(face: FollowedFace) -> None:
    part = face.part(RowSpan(15, 20))
    assert rows_of([part]) == [(15, 20)]


# Empty rows


def test_nothing_to_cut_leaves_the_face_itself(face: FollowedFace) -> None:
    before, after = RowSpan(0, 9), RowSpan(30, 40)
    assert without_rows(face, [before, after], []) == [face]


def test_empty_rows_split_a_face(face: FollowedFace) -> None:
    parts = without_rows(face, [RowSpan(15, 18)], [])
    assert rows_of(parts) == [(10, 14), (19, 29)]


def test_several_cuts_leave_the_parts_between_them(face: FollowedFace) -> None:
    # In no order, and the first begins before the face.
    empty = [
        RowSpan(0, 11),
        RowSpan(20, 20),
        RowSpan(15, 16),
    ]
    parts = without_rows(face, empty, [])
    assert rows_of(parts) == [
        (12, 14),
        (17, 19),
        (21, 29),
    ]


def test_a_face_in_empty_rows_alone_is_gone(face: FollowedFace) -> None:
    assert without_rows(face, [RowSpan(0, 100)], []) == []


# Dissolves


def test_a_dissolve_beside_the_face_cuts_nothing(face: FollowedFace) -> None:
    """The person is the same before and after: the dissolve is elsewhere in the frame."""
    assert without_rows(face, [], [RowSpan(18, 21)]) == [face]


def test_a_dissolve_between_two_faces_is_cut_out(two_persons: FollowedFace) -> None:
    parts = without_rows(two_persons, [], [RowSpan(18, 21)])
    assert rows_of(parts) == [(10, 17), (22, 29)]


def test_a_dissolve_at_the_end_is_cut_off(face: FollowedFace) -> None:
    parts = without_rows(face, [], [RowSpan(25, 40)])
    assert rows_of(parts) == [(10, 24)]


# Motion


def test_a_face_that_never_changes_has_no_motion() -> None:
    assert make_face(0, 20).motion() < 1e-3


def test_a_face_that_was_seen_once_has_no_motion() -> None:
    assert make_face(0, 0).motion() == 0.0
