"""Timelines, strips and sentences of a result, of one face, several, or none."""

import re
from pathlib import Path

import pytest

from avdf.cli.page.job import Job
from avdf.cli.page.result_view import basis, not_examined, remarks, result_context
from avdf.cli.page.time_figure import figure_rows, gaps_between, thinned
from tests.helpers.stored_results import (
    ROWS,
    face_row,
    interval,
    stored_result,
    timeline,
    track,
)

JOB = Job(1, "a.mp4", Path("1"), Path("1/media"), 10)


def pictures(*timelines: object, **parts: object) -> dict[str, str]:
    """The rows of the figure of the only face, by name."""
    stored = stored_result(timelines={"media": list(timelines)}, **parts)  # type: ignore[arg-type]
    (face,) = stored.faces
    return {row.name: str(row.picture) for row in figure_rows(stored, face, True)}


def points(picture: str) -> list[list[tuple[float, float]]]:
    """The points of each line of a picture."""
    found = []
    for line in re.findall(r'points="([^"]*)"', picture):
        pairs = [pair.split(",") for pair in line.split()]
        found.append([(float(x), float(y)) for x, y in pairs])
    return found


def test_a_curve_lies_at_its_times_and_values() -> None:
    rows = pictures(timeline())
    assert list(rows) == ["p_video", "p_visual", "p_audio", "distance"]
    (line,) = points(rows["p_video"])
    # 2 s on 1000 units; 0.9 is a tenth below the top.
    assert line[0] == (0.0, 10.0)
    assert line[1] == (20.0, 10.0)
    assert line[-1] == (1000.0, 10.0)


def test_a_curve_is_broken_between_tracks_and_where_values_are_missing() -> None:
    holes = [0.5] * 10 + [None] * 5 + [0.5] * 10
    rows = pictures(timeline(p_video=holes), timeline(start=1.2, p_video=[0.5] * 20))
    first, second, third = points(rows["p_video"])
    assert first[-1][0] == 200.0
    assert (second[0][0], second[-1][0]) == (300.0, 500.0)
    assert third[0][0] == 600.0


def test_faces_that_are_left_out_are_counted() -> None:
    stored = stored_result()
    assert result_context(JOB, stored)["faces_left_out"] == ""
    stored.document["faces_left_out"] = 2
    words = result_context(JOB, stored)["faces_left_out"]
    assert words == "2 more faces are judged and not shown here"


def test_what_was_not_examined_has_no_row() -> None:
    nothing = [None] * ROWS
    rows = pictures(timeline(p_video=nothing, p_visual=nothing, distance=nothing))
    assert list(rows) == ["p_audio"]
    assert pictures() == {}


def test_intervals_are_marked_only_with_a_verdict() -> None:
    stored = stored_result(
        timelines={"media": [timeline()]}, intervals=[interval("video", 0.5, 1.0)]
    )
    (face,) = stored.faces
    marked = str(figure_rows(stored, face, True)[0].picture)
    assert '<rect class="above" x="250.00" y="0" width="250.00"' in marked
    assert "above" not in str(figure_rows(stored, face, False)[0].picture)


def test_synchrony_has_a_row_only_where_it_was_examined() -> None:
    curve = [-0.2] * ROWS
    rows = pictures(timeline(sync=curve), run={"sync_threshold": -0.1})
    assert "sync" not in rows
    rows = pictures(
        timeline(sync=curve), video={"p_sync": 0.1}, run={"sync_threshold": -0.1}
    )
    # The line is half of the way from 0 down to -0.2.
    assert 'y1="50.00"' in rows["sync"]


def test_a_peak_of_one_frame_stays_in_a_long_curve() -> None:
    values = [(index, 0.1) for index in range(100_000)]
    values[54_321] = (54_321, 0.9)
    kept = thinned(values, 800)
    assert (54_321, 0.9) in kept
    assert len(kept) <= 1600
    assert kept == sorted(kept)
    assert thinned(values[:100], 800) == values[:100]


@pytest.mark.parametrize(
    ("spans", "gaps"),
    [
        ([(0.0, 2.0)], []),
        ([(0.5, 1.0)], [(0.0, 0.5), (1.0, 2.0)]),
        ([(0.0, 1.5), (0.2, 0.4)], [(1.5, 2.0)]),
        ([(0.04, 1.0), (1.04, 2.0)], []),
    ],
)
def test_gaps_are_where_no_face_was_followed(
    spans: list[tuple[float, float]], gaps: list[tuple[float, float]]
) -> None:
    assert gaps_between([track(*span) for span in spans], 2.0) == gaps


def test_crops_have_the_score_of_the_picture_at_their_time() -> None:
    context = result_context(JOB, stored_result(timelines={"media": [timeline()]}))
    first, second = context["faces"][0].crops
    assert (first.time, first.probability, first.kind) == (0.1, 0.2, "real")
    assert (second.time, second.probability, second.kind) == (None, None, "none")


def test_each_of_several_faces_has_its_own_timelines() -> None:
    rows = [
        face_row(1, decides="visual"),
        face_row(2, decides="video", note="seen for 1 s"),
    ]
    faces = {
        "faces_at_once": 2,
        "tracks": [track(0, 2, face=1), track(0, 1, face=2)],
        "verdicts": rows,
    }
    stored = stored_result(
        {"verdict": "real", "face": 2, "face_visual": 1},
        faces=(1, 2),
        timelines={"media": [timeline(face=1), timeline(face=2, p_video=[0.1] * 25)]},
        intervals=[interval("video", 0, 2, face=1)],
    )
    stored.result["faces"] = {"media": faces}
    context = result_context(JOB, stored)
    assert [line.face for line in context["lines"]] == [2, 1, None, None]
    # The second face decides on the video, and does not lie above the threshold.
    assert context["parts_above"] == ""
    one, two = context["faces"]
    assert (one.title, two.title) == ("Face 1", "Face 2")
    assert "speaks; the file's verdict on visual rests on it" in one.words
    assert "seen for 1 s" in two.words
    assert "above" in one.rows[0].picture and "above" not in two.rows[0].picture
    # Where the second face is not seen, its rows are grey.
    assert (
        "unfollowed" in two.rows[0].picture and "unfollowed" not in one.rows[0].picture
    )
    assert [line.name for line in two.lines] == ["video", "visual", "audio"]


def test_sound_without_a_face_has_timelines_and_no_strip() -> None:
    nothing = [None] * ROWS
    stored = stored_result(
        faces=(),
        timelines={"media": [timeline(face=0, p_video=nothing, p_visual=nothing)]},
    )
    stored.video["reason"] = "no picture to judge: no face found in 75 frames"
    assert remarks(stored) == []
    (face,) = result_context(JOB, stored)["faces"]
    assert face.crops == [] and face.title == ""
    assert [row.name for row in face.rows] == ["p_audio", "distance"]


def test_what_was_not_examined_has_its_reason() -> None:
    stored = stored_result()
    stored.result["faces"] = {"media": {"faces_at_once": 3, "tracks": [track(0.5, 2)]}}
    assert not_examined(stored) == [
        "Picture and sound together: this run has not learned it",
        "0.00–0.50 s: no face was followed there",
    ]


def test_parts_above_a_threshold_under_real_are_explained() -> None:
    stored = stored_result(
        {"verdict": "real", "reason": "an hour is missing"},
        intervals=[
            interval("video", 0.5, 1.0),
            interval("visual", 0.5, 1.0),
            interval("audio", 0, 2),
        ],
    )
    assert result_context(JOB, stored)["parts_above"] == "0.50–1.00 s"
    first, second = remarks(stored)
    assert first == "an hour is missing"
    assert second.startswith(
        "Video as a whole, Picture alone: above the threshold at 0.50–1.00 s, but"
    )


def test_parts_above_a_threshold_need_no_word_under_fake() -> None:
    stored = stored_result(intervals=[interval("video", 0.5, 1.0)])
    assert result_context(JOB, stored)["parts_above"] == ""
    assert remarks(stored) == []


def test_what_a_verdict_rests_on_is_listed() -> None:
    found = basis(stored_result())
    assert ("Run", "demo/run, checkpoint of epoch 4") in found
    assert ("Thresholds", "video 0.500, visual 0.500 (default), audio 0.600") in found
    assert ("Support for ratios", "video and visual: none") in found
    assert ("Limit of this run", "validation is small") in found
