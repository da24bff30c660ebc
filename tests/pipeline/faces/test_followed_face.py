"""Parts of a followed face, and the rows that are cut out of it."""

from avdf.pipeline.faces.followed_face import FollowedFace, without_rows
from avdf.pipeline.faces.row_span import RowSpan
from tests.helpers.tracks import make_face


def rows_of(parts: list[FollowedFace]) -> list[tuple[int, int]]:
    """The first and the last row of each part, whose crops are checked to be those rows."""
    for part in parts:
        assert part.crops == [b"%d" % row for row in range(part.first, part.last + 1)]
        assert len(part.square_boxes()) == len(part.track) == len(part.patches)
    return [(part.first, part.last) for part in parts]


def test_a_part_has_the_crops_of_its_rows() -> None:
    assert rows_of([make_face(10, 29).part(RowSpan(15, 20))]) == [(15, 20)]


def test_nothing_to_cut_leaves_the_face_itself() -> None:
    face = make_face(10, 29)
    assert without_rows(face, [RowSpan(0, 9), RowSpan(30, 40)], []) == [face]


def test_empty_rows_split_a_face() -> None:
    parts = without_rows(make_face(10, 29), [RowSpan(15, 18)], [])
    assert rows_of(parts) == [(10, 14), (19, 29)]


def test_several_cuts_leave_the_parts_between_them() -> None:
    empty = [RowSpan(0, 11), RowSpan(20, 20), RowSpan(15, 16)]
    assert rows_of(without_rows(make_face(10, 29), empty, [])) == [
        (12, 14),
        (17, 19),
        (21, 29),
    ]


def test_a_face_in_empty_rows_alone_is_gone() -> None:
    assert without_rows(make_face(10, 29), [RowSpan(0, 100)], []) == []


def test_a_dissolve_beside_the_face_cuts_nothing() -> None:
    face = make_face(10, 29)
    assert without_rows(face, [], [RowSpan(18, 21)]) == [face]


def test_a_dissolve_between_two_faces_is_cut_out() -> None:
    two_persons = make_face(10, 29, seeds=(1, 2))
    assert rows_of(without_rows(two_persons, [], [RowSpan(18, 21)])) == [
        (10, 17),
        (22, 29),
    ]


def test_a_dissolve_at_the_end_is_cut_off() -> None:
    assert rows_of(without_rows(make_face(10, 29), [], [RowSpan(25, 40)])) == [(10, 24)]


def test_a_face_that_never_changes_has_no_motion() -> None:
    assert make_face(0, 20).motion() < 1e-3


def test_a_face_that_was_seen_once_has_no_motion() -> None:
    assert make_face(0, 0).motion() == 0.0
