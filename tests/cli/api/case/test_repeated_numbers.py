"""Numbers beside the same numbers computed again."""

from typing import Any

from avdf.case.repeated_numbers import TOLERANCE, Difference, compare_results

STATED: dict[str, Any] = {
    "date": "then",
    "command": "one",
    "videos": [{"id": "a", "path": "/a", "p_video": 0.5, "verdict": "real"}],
    "segments": [{"id": "a", "start": 0.0, "p_video": 0.25, "distance": None}],
    "timelines": {"a": [{"p_video": [0.1, None]}]},
    "intervals": [],
    "faces": {"a": {"faces_at_once": 1}},
    "sync_curves": {"a": [0.5]},
    "thresholds": {"video": 0.5, "defaults": ["audio"]},
}


def changed(**parts: Any) -> dict[str, Any]:
    return {**STATED, **parts}


def test_the_same_results_are_identical() -> None:
    again = changed(date="now", command="other")
    numbers = compare_results(STATED, again)
    assert numbers.agree and numbers.identical == numbers.compared


def test_another_place_of_the_file_is_no_difference() -> None:
    video = {"id": "b", "path": "/b", "p_video": 0.5, "verdict": "real"}
    again = changed(
        videos=[video],
        timelines={"b": STATED["timelines"]["a"]},
        faces={"b": {"faces_at_once": 1}},
        sync_curves={"b": [0.5]},
    )
    assert compare_results(STATED, again).agree


def test_small_differences_agree_but_are_not_identical() -> None:
    again = changed(sync_curves={"a": [0.5 + TOLERANCE / 2]})
    numbers = compare_results(STATED, again)
    assert numbers.agree
    assert numbers.identical == numbers.compared - 1


def test_larger_differences_are_named() -> None:
    video = {**STATED["videos"][0], "p_video": 0.502}
    numbers = compare_results(STATED, changed(videos=[video]))
    assert numbers.differences == (Difference("videos[0].p_video", 0.5, 0.502),)
    assert "videos[0].p_video: 0.5 in the case, 0.502 now" in str(numbers)


def test_other_verdicts_and_missing_values_are_named() -> None:
    video = {**STATED["videos"][0], "verdict": "fake"}
    numbers = compare_results(STATED, changed(videos=[video], segments=[]))
    names = [one.name for one in numbers.differences]
    assert "videos[0].verdict" in names
    assert "segments[0].p_video" in names and "segments.length" in names


def test_a_truth_value_is_no_number() -> None:
    video = {**STATED["videos"][0], "p_video": 1}
    again = {**STATED["videos"][0], "p_video": True}
    assert compare_results(changed(videos=[video]), changed(videos=[again])).agree
