"""Who is named, and the windows in which faces are compared."""

import pytest

from avdf.model.speaking.shared_windows import SharedWindow, TrackRows, shared_windows
from avdf.model.speaking.speaker import speaker_of


@pytest.mark.parametrize(
    ("agreements", "speaker"),
    [
        ([0.9, 0.1], 0),
        ([0.1, 0.2, 0.8], 2),
        ([0.9, 0.7], None),  # both move with the sound
        ([0.35, -0.2], None),  # neither does
        ([0.4, 0.1], 0),
    ],
)
def test_a_face_is_named_only_if_it_is_clear(
    agreements: list[float], speaker: int | None
) -> None:
    assert speaker_of(agreements) == speaker


def test_one_face_is_no_choice() -> None:
    with pytest.raises(ValueError, match="at least two"):
        speaker_of([0.9])


def test_windows_are_where_several_faces_are_seen() -> None:
    tracks = [TrackRows(0, 200), TrackRows(50, 150), TrackRows(300, 400)]
    found = shared_windows(tracks)
    assert found == [SharedWindow(50, 150, (0, 1))]
    assert found[0].is_long_enough


def test_long_times_are_cut_into_windows_of_three_seconds() -> None:
    found = shared_windows([TrackRows(10, 310), TrackRows(0, 310)])
    assert [(one.first, one.stop) for one in found] == [
        (10, 85),
        (85, 160),
        (160, 235),
        (235, 310),
    ]


def test_who_comes_begins_another_window() -> None:
    tracks = [TrackRows(0, 100), TrackRows(0, 100), TrackRows(60, 100)]
    first, second = shared_windows(tracks)
    assert (first.tracks, second.tracks) == ((0, 1), (0, 1, 2))
    assert first.is_long_enough and not second.is_long_enough


@pytest.mark.parametrize("tracks", [[], [TrackRows(0, 50)]])
def test_one_face_has_no_shared_window(tracks: list[TrackRows]) -> None:
    assert shared_windows(tracks) == []
