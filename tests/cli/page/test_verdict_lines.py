"""Sentences on the verdicts, also where some or all of them are missing."""

from typing import Any

import pytest

from avdf.cli.page.verdict_lines import (
    Headline,
    contradictions,
    face_lines,
    headline,
    verdict_lines,
)
from tests.helpers.stored_results import face_row, stored_result

NOT_EXAMINED = {"p_video": None, "verdict": ""}


def said_first(**parts: Any) -> Headline:
    return headline(stored_result(**parts).document)


def test_the_verdict_on_the_video_is_said_first() -> None:
    found = said_first()
    assert found == Headline(
        "fake",
        "The detector judges this video as a whole to be fake. "
        "P(fake) is 0.900; from 0.500 on, the verdict is fake.",
    )
    assert found.kind == "fake"


@pytest.mark.parametrize(
    ("missing", "reason", "title", "whole"),
    [
        (
            "visual",
            "no picture to judge: a still image",
            "Sound: fake",
            "no picture to judge",
        ),
        (
            "audio",
            "no audio to judge: a still image",
            "Picture: real",
            "no audio to judge",
        ),
    ],
)
def test_of_a_file_with_one_modality_its_verdict_is_said_first(
    missing: str, reason: str, title: str, whole: str
) -> None:
    video = NOT_EXAMINED | {
        "reason": reason,
        f"p_{missing}": None,
        f"verdict_{missing}": "",
    }
    found = said_first(video=video)
    part, word = title.lower().split(": ")
    assert (found.title, found.short) == (title, f"{part} {word}")
    assert f"judges the {part} to be {word}" in found.sentence
    why = {line.name: line.why for line in verdict_lines(stored_result(video).document)}
    assert (why["video"], why[missing]) == (whole, "a still image")


def test_unsure_is_no_judgement() -> None:
    found = said_first(video={"verdict": "unsure"})
    assert "cannot tell whether this video as a whole is fake" in found.sentence


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            {"video": {"status": "no_face", "reason": "no face was found"}},
            "No face was found.",
        ),
        ({"video": {"status": "too_short", "reason": ""}}, "Too short."),
        (
            {
                "run": {"withheld": "the run was trained on synthetic videos alone"},
                "video": {"verdict": "", "verdict_visual": "", "verdict_audio": ""},
            },
            "The run was trained on synthetic videos alone.",
        ),
        (
            {
                "video": {
                    f"{kind}_{name}": None if kind == "p" else ""
                    for kind in ("p", "verdict")
                    for name in ("visual", "audio")
                }
                | NOT_EXAMINED
            },
            "Nothing in this file could be examined.",
        ),
    ],
)
def test_no_verdict_has_a_reason(parts: dict[str, Any], sentence: str) -> None:
    found = said_first(**parts)
    assert (found.word, found.sentence, found.kind) == ("no verdict", sentence, "none")


def test_a_run_that_was_not_trained_for_a_verdict_is_the_reason() -> None:
    stored = stored_result(NOT_EXAMINED)
    assert verdict_lines(stored.document)[0].why == "this run was not trained for it"


def test_each_line_has_its_threshold_and_its_ratio() -> None:
    video, visual, _, sync = verdict_lines(stored_result().document)
    assert (video.threshold, video.is_default) == (0.5, False)
    assert video.ratio == "LR 5: weak support for forged"
    assert (visual.is_default, visual.ratio, visual.kind) == (True, "", "real")
    assert (sync.probability, sync.why) == (None, "this run has not learned it")


def test_what_does_not_go_with_real_is_named() -> None:
    video = {"verdict": "real", "p_sync": 0.9, "verdict_sync": "out of sync"}
    calibration = {"threshold": 0.4, "slope": 1.0, "intercept": 0.0}
    stored = stored_result(video, sync_calibration=calibration)
    found = [line.short for line in contradictions(stored.document)]
    assert found == ["sound fake", "out of sync"]
    assert contradictions(stored_result().document) == []


def test_a_face_has_lines_only_for_what_was_examined() -> None:
    document = stored_result().document
    row = face_row(2, p_video=None, verdict="", verdict_visual="fake")
    assert [(line.name, line.verdict) for line in face_lines(document, row)] == [
        ("visual", "fake"),
        ("audio", "fake"),
    ]
    assert face_lines(document, {}) == []
