"""Ids of videos as other tables spell them."""

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model.protocols.id_matching import match_ids, refuse_mostly_unknown

LISTED = [
    "FakeVideo-RealAudio/Asian (East)/men/id1/a.mp4",
    "FakeVideo-RealAudio/Asian (East)/men/id2/a.mp4",
    "RealVideo-RealAudio/African/women/id3/b.mp4",
]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (LISTED[0], LISTED[0]),
        ("FakeAVCeleb/FakeVideo-RealAudio/Asian_East/men/id1/a.mp4", LISTED[0]),
        ("men\\id1\\a.mp4", LISTED[0]),
        ("id1/A.MP4", LISTED[0]),
        ("./id2/a", LISTED[1]),
        ("b.mp4", LISTED[2]),
        ("b", LISTED[2]),
        ("'RealVideo-RealAudio/African/women/id3/b.mp4", LISTED[2]),
    ],
)
def test_another_spelling_means_the_same_video(given: str, meant: str) -> None:
    assert match_ids([given], LISTED) == {given: meant}


@pytest.mark.parametrize("given", ["a.mp4", "id4/a.mp4", "c.mp4", "men/id3/b.mp4"])
def test_a_name_of_two_videos_or_of_none_is_not_matched(given: str) -> None:
    assert match_ids([given], LISTED) == {}


def test_the_exact_name_wins_over_a_similar_one() -> None:
    assert match_ids(["x/a.mp4"], ["x/a.mp4", "y/x/a.mp4"]) == {"x/a.mp4": "x/a.mp4"}


def test_an_ending_is_left_out_only_where_nothing_else_fits() -> None:
    listed = ["x/a.mp4", "y/a.avi"]
    assert match_ids(["a.avi", "a.mp4"], listed) == {
        "a.avi": "y/a.avi",
        "a.mp4": "x/a.mp4",
    }


def test_nothing_is_listed() -> None:
    assert match_ids(["a"], []) == {}


def test_a_table_of_other_data_is_refused_with_a_name_of_each_side() -> None:
    with pytest.raises(SettingsError) as caught:
        refuse_mostly_unknown(
            "t.csv", ["x", "y", "z"], ["x", "y"], ["a", "z"], ["z"], "id"
        )
    message = str(caught.value)
    assert "t.csv: 2 of 3 rows are of no listed video" in message
    assert "the table has the id 'x', the list has 'a'" in message


def test_a_table_of_which_half_is_known_is_taken() -> None:
    refuse_mostly_unknown("t.csv", ["x", "y"], ["x"], ["y"], ["y"], "id")
