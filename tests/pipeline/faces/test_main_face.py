"""The main face at each time, and how many faces there are."""

from avdf.pipeline.faces.main_face import (
    count_other_faces,
    main_tracks,
    most_faces_at_once,
)
from tests.helpers.tracks import make_track


def test_the_face_with_most_rows_times_size_is_the_main_one() -> None:
    long, large = make_track(0, 80), make_track(10, 40, side=90)
    assert main_tracks([large, long], 16) == [long]


def test_another_face_is_the_main_one_where_the_first_is_not() -> None:
    long, later = make_track(0, 80), make_track(90, 130, side=30)
    assert main_tracks([later, long], 16) == [long, later]


def test_a_face_that_shares_one_row_with_the_main_one_is_not_kept() -> None:
    long, touching = make_track(0, 80), make_track(80, 130, side=30)
    assert main_tracks([long, touching], 16) == [long]


def test_short_tracks_are_not_kept() -> None:
    assert main_tracks([make_track(0, 14)], 16) == []


def test_of_equal_tracks_the_earlier_is_kept() -> None:
    late, early = make_track(5, 30), make_track(0, 25)
    assert main_tracks([late, early], 16) == [early]


def test_a_photograph_gives_way_to_a_face_that_talks() -> None:
    photograph, talking = make_track(0, 80, side=90), make_track(0, 80, side=50)
    assert main_tracks([photograph, talking], 16) == [photograph]
    assert main_tracks([photograph, talking], 16, [0.02, 0.07]) == [talking]


def test_a_face_that_moves_little_is_kept_where_it_is_alone() -> None:
    photograph = make_track(0, 80)
    assert main_tracks([photograph], 16, [0.0]) == [photograph]


def test_faces_at_once_are_counted_by_row() -> None:
    tracks = [
        make_track(0, 10),
        make_track(5, 20),
        make_track(11, 20),
        make_track(30, 40),
    ]
    assert most_faces_at_once(tracks) == 2
    assert most_faces_at_once([]) == 0


def test_other_faces_count_where_they_meet_a_kept_one() -> None:
    kept = [make_track(0, 50)]
    others = [
        make_track(40, 60),
        make_track(45, 55),
        make_track(51, 90),
        make_track(52, 90),
    ]
    assert count_other_faces(kept, others) == 2
