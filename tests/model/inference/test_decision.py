"""From a video's scores to its verdicts: calibration, thresholds, and when none is given."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from avdf.cache.core.errors import SettingsError
from avdf.model.inference.aggregate import aggregate
from avdf.model.inference.decision import ONLY_SYNTHETIC, Judgement, judge
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.temperature import COOLEST, HOTTEST
from avdf.model.inference.validation import Validation
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.runs.stored_validation import load_validation
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import VERDICTS, PerVerdict

PLAIN = Judgement("mean", Thresholds(video=0.6))


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


def validation_of(labels: list[int], scores: np.ndarray) -> Validation:
    """One segment a video, with the same labels and scores for each verdict."""
    count = len(labels)
    segments = SegmentScores(
        np.arange(count), PerVerdict.same(scores), np.zeros((count, 16))
    )
    return Validation(segments, PerVerdict.same(np.array(labels, np.int64)))


@pytest.fixture(scope="module")
def overconfident() -> Validation:
    """60 videos whose scores are right more often than not, and far too certain."""
    generator = np.random.default_rng(3)
    labels = np.arange(60) % 2
    logits = np.where(labels == 1, 1.0, -1.0) + generator.normal(scale=2, size=60)
    return validation_of(labels.tolist(), expit(4 * logits))


@given(st.integers(0, 999), st.integers(2, 40), st.floats(0.5, 12.0))
@settings(max_examples=60, deadline=None)
def test_calibration_never_makes_two_scores_one(
    seed: int,
    count: int,
    scale: float,
) -> None:
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    shift = np.where(labels == 1, scale, -scale)
    logits = np.round(generator.normal(scale=scale, size=count) + shift, 3)
    judgement = judge(
        validation_of(labels.tolist(), expit(logits)),
        "mean",
        calibrate=True,
    )
    assert all(COOLEST <= heat <= HOTTEST for heat in judgement.temperatures)
    others = np.unique(expit(np.round(generator.normal(scale=2 * scale, size=400), 3)))
    calibrated = judgement.calibrated(PerVerdict.same(others))
    assert all((np.diff(p) > 0).all() for p in calibrated)


def test_overconfident_scores_are_calibrated(overconfident: Validation) -> None:
    plain = judge(overconfident, "mean")
    calibrated = judge(overconfident, "mean", calibrate=True)
    assert set(plain.temperatures) == {1.0}
    assert all(heat > 1 for heat in calibrated.temperatures)


def test_calibration_keeps_the_verdicts(overconfident: Validation) -> None:
    plain = judge(overconfident, "mean")
    calibrated = judge(overconfident, "mean", calibrate=True)
    fake = aggregate(overconfident.scores, 60, "mean")
    before, after = plain.calibrated(fake), calibrated.calibrated(fake)
    for verdict in VERDICTS:
        first = [plain.verdict(verdict, p) for p in before[verdict]]
        second = [calibrated.verdict(verdict, p) for p in after[verdict]]
        assert first == second


def test_a_temperature_divides_the_logit() -> None:
    judgement = replace(
        PLAIN,
        temperatures=PerVerdict(visual=1.0, audio=2.0, video=4.0),
    )
    p = np.array([0.1, 0.5, 0.9, np.nan])
    found = judgement.calibrated(PerVerdict.same(p))
    odds = p / (1 - p)
    np.testing.assert_array_equal(found.visual, p)
    np.testing.assert_allclose(found.audio, odds ** (1 / 2) / (1 + odds ** (1 / 2)))
    np.testing.assert_allclose(found.video, odds ** (1 / 4) / (1 + odds ** (1 / 4)))


@pytest.mark.parametrize(
    ("p", "wanted"),
    [
        (0.0, "real"),
        (0.59, "real"),
        (0.6, "fake"),
        (1.0, "fake"),
        (None, ""),
    ],
)
def test_a_verdict_is_fake_from_its_threshold_on(p: float | None, wanted: str) -> None:
    assert PLAIN.verdict("video", p) == wanted


@pytest.mark.parametrize(
    ("p", "wanted"),
    [
        (0.4, "real"),
        (0.51, "unsure"),
        (0.6, "unsure"),
        (0.69, "unsure"),
        (0.71, "fake"),
    ],
)
def test_near_the_threshold_a_verdict_is_unsure(p: float, wanted: str) -> None:
    assert replace(PLAIN, abstain=0.1).verdict("video", p) == wanted


@given(st.floats(0, 1, exclude_min=True), st.floats(0, 0.5, exclude_max=True))
def test_beside_the_band_both_verdicts_can_be_given(
    threshold: float,
    abstain: float,
) -> None:
    judgement = Judgement("mean", Thresholds(video=threshold), abstain=abstain)
    assert judgement.verdict("video", 0.0) == "real"
    assert judgement.verdict("video", 1.0) == "fake"


@given(st.floats(0, 1), st.floats(0, 0.5, exclude_max=True))
def test_the_band_is_around_the_threshold(threshold: float, abstain: float) -> None:
    judgement = Judgement("mean", Thresholds(video=threshold), abstain=abstain)
    low, high = judgement.band("video")
    assert low <= threshold <= high
    assert max(high - threshold, threshold - low) <= abstain + 1e-12


@pytest.mark.parametrize("abstain", [-0.1, 0.5, 1.0])
def test_a_band_that_leaves_no_verdict_is_refused(abstain: float) -> None:
    with pytest.raises(SettingsError, match="abstain band"):
        replace(PLAIN, abstain=abstain)


def test_a_run_trained_on_synthetic_videos_judges_synthetic_videos_only() -> None:
    judgement = replace(PLAIN, only_synthetic=True)
    assert judgement.withheld(synthetic=False) == ONLY_SYNTHETIC
    assert judgement.withheld(synthetic=True) == ""
    assert PLAIN.withheld(synthetic=False) == ""


def test_thresholds_come_from_validation(overconfident: Validation) -> None:
    thresholds = judge(overconfident, "mean").thresholds
    assert thresholds.origin == "validation"
    assert thresholds.defaults == ()


def test_thresholds_that_validation_cannot_tell_stay_at_one_half() -> None:
    thresholds = judge(
        validation_of([1, 1, 1], np.array([0.2, 0.6, 0.9])), "mean"
    ).thresholds
    assert list(thresholds) == [0.5, 0.5, 0.5]
    assert thresholds.origin == "default"
    assert thresholds.defaults == VERDICTS


def test_a_checkpoint_keeps_what_its_thresholds_came_from(
    run: Path,
    loaded: LoadedRun,
) -> None:
    found = load_validation(run / "best")
    assert found is not None
    assert [len(labels) for labels in found.labels] == [3, 3, 3]
    assert judge(found, "mean").thresholds == loaded.info.thresholds


def test_a_run_is_judged_in_another_way_where_that_is_asked_for(
    loaded: LoadedRun,
) -> None:
    assert loaded.judgement().thresholds == loaded.info.thresholds
    assert loaded.judgement("lse").aggregate == "lse"


def test_another_way_needs_the_validation_scores(loaded: LoadedRun) -> None:
    with pytest.raises(SettingsError, match="no validation scores"):
        replace(loaded, validation=None).judgement("top")
