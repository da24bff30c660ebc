"""What the report says of picture and sound together, in sentences."""

from dataclasses import replace

import pytest

from avdf.model.report.sync_sentence import sync_basis, sync_class, sync_sentence
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.judgement import SyncJudgement
from avdf.model.synchrony.synchrony import Synchrony

CALIBRATION = SyncCalibration(
    slope=8.0,
    intercept=2.0,
    threshold=0.412,
    depth=0.1,
    genuine=22,
    apart=154,
    auc=0.953,
    interval=(0.91, 0.98),
    by_kind={"moved sound": 0.97},
    genuine_depth=0.5,
    segment_depth=0.6,
)
JUDGEMENT = SyncJudgement(CALIBRATION, "")
UNABLE = SyncJudgement(None, "this run has not learned it")
LATE = Synchrony(
    sync=0.1,
    depth=0.5,
    offset_ms=320,
    probability=0.931,
    verdict="out of sync",
)


def test_a_verdict_stands_beside_its_probability_and_its_offset() -> None:
    assert sync_sentence(LATE, JUDGEMENT) == (
        'Picture and sound: <span class="apart">out of sync</span>, '
        "P(do not belong together) 0.931 (out of sync from 0.412). "
        "The sound fits best 320 ms late."
    )


def test_what_belongs_together_is_said_so() -> None:
    found = replace(LATE, verdict="in sync", probability=0.04, offset_ms=0)
    sentence = sync_sentence(found, JUDGEMENT)
    assert '<span class="together">in sync</span>' in sentence
    assert sentence.endswith("The sound fits best as it is.")


def test_a_withheld_verdict_names_no_offset() -> None:
    sentence = sync_sentence(replace(LATE, verdict=""), JUDGEMENT)
    assert "not judged" in sentence and "0.931, which must not be used" in sentence
    assert "320" not in sentence


def test_the_reason_of_a_single_video_is_given_with_it() -> None:
    found = Synchrony(note="fewer than 1.28 s of picture with sound")
    assert sync_sentence(found, JUDGEMENT) == (
        "Picture and sound: not examined: fewer than 1.28 s of picture with sound."
    )


def test_the_reason_of_a_whole_run_is_given_once() -> None:
    found = Synchrony(sync=-0.1, depth=0.2, note=UNABLE.note)
    sentence = sync_sentence(found, UNABLE)
    assert "not examined" in sentence and UNABLE.note not in sentence
    assert UNABLE.note in sync_basis(UNABLE)


def test_a_reason_is_only_text() -> None:
    sentence = sync_sentence(Synchrony(note="<b>&"), JUDGEMENT)
    assert "&lt;b&gt;&amp;" in sentence and "<b>" not in sentence


def test_what_verdicts_rest_on_is_a_sentence() -> None:
    assert sync_basis(JUDGEMENT) == (
        "Synchrony: checked on 22 genuine validation videos and 154 pairs that do not belong "
        "together (moved sound), AUC 0.953 (0.910-0.980)."
    )


@pytest.mark.parametrize("verdict", ["", "real", "anything"])
def test_other_words_have_no_colour(verdict: str) -> None:
    assert sync_class(verdict) == ""
