"""Whether a run can judge synchrony, and the words for why it cannot."""

from dataclasses import replace
from typing import Any

import pytest

from avdf.model.config import AlignFrom
from avdf.model.losses import Matching
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.config import RunConfig, TrainingSettings
from avdf.model.runs.sync_judgement import sync_judgement
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.thresholds import Thresholds
from tests.helpers.tiny_run import TINY_MODEL

LEARNED = SyncCalibration(
    slope=8.0,
    intercept=1.0,
    threshold=0.4,
    depth=0.25,
    genuine=20,
    apart=140,
    auc=0.951,
    interval=(0.9, 0.98),
    by_kind={},
    genuine_depth=0.5,
    segment_depth=0.6,
)
INFO = CheckpointInfo(
    epoch=1,
    step=1,
    config=RunConfig(model=TINY_MODEL),
    backbones={},
    thresholds=Thresholds(),
    validation={},
    sync=LEARNED,
)


def with_calibration(**changes: Any) -> CheckpointInfo:
    return replace(INFO, sync=replace(LEARNED, **changes))


def single_branch() -> CheckpointInfo:
    model = replace(TINY_MODEL, branches="visual")
    return replace(INFO, config=RunConfig(model=model))


def test_a_run_that_has_learned_it_judges() -> None:
    found = sync_judgement(INFO, 0.1)

    assert found.note == ""
    assert found.usable == LEARNED
    assert found.abstain == 0.1
    # The threshold is 0.4.
    assert [found.verdict(p) for p in (0.2, 0.35, 0.9)] == [
        "in sync",
        "unsure",
        "out of sync",
    ]


@pytest.mark.parametrize("trained", [("video",), ("matching", "visual")])
def test_the_video_verdict_or_the_matching_is_enough(trained: tuple[str, ...]) -> None:
    assert sync_judgement(replace(INFO, trained=trained)).usable == LEARNED


CANNOT = {
    "one branch": (single_branch(), "was not trained to compare picture and sound"),
    "nothing aligned": (
        replace(INFO, trained=("visual", "audio")),
        "was not trained to compare picture and sound",
    ),
    "no calibration": (
        replace(INFO, sync=None),
        "no genuine validation videos of at least 1.28 s",
    ),
    "not learned": (
        with_calibration(auc=0.6, interval=(0.51, 0.69)),
        r"its AUC is 0.60 (95 % interval 0.51 to 0.69; it must begin at 0.7 or above)",
    ),
    "one person": (with_calibration(interval=None), "unknown, too few persons"),
    "flat curves": (with_calibration(genuine_depth=0.0042), "changes by only 0.0042"),
    "a curve that falls": (with_calibration(slope=-1.0), "the wrong way round"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_a_run_that_cannot_judge_says_why(name: str) -> None:
    info, words = CANNOT[name]

    found = sync_judgement(info)

    assert words in found.note
    assert found.usable is None and found.basis == ""
    assert found.verdict(0.99) == ""
    # What validation found is kept for reports.
    assert found.calibration == info.sync


@pytest.mark.parametrize(
    ("matching", "align_from", "is_advised"),
    [
        ("cmfm", "prompt", True),
        ("infonce", "class", True),
        ("cmfm", "mouth", True),
        ("infonce", "mouth", False),
    ],
)
def test_the_mouth_is_advised_unless_the_run_was_trained_like_that(
    matching: Matching, align_from: AlignFrom, is_advised: bool
) -> None:
    config = RunConfig(
        model=replace(TINY_MODEL, align_from=align_from),
        training=TrainingSettings(matching=matching),
    )
    info = replace(with_calibration(auc=0.6, interval=(0.5, 0.6)), config=config)

    found = sync_judgement(info).note

    advice = "training.matching=infonce with model.align_from=mouth can learn it"
    assert (advice in found) == is_advised
