"""From a video's scores to its verdicts: calibration, thresholds, and when none is given."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from avdf.cache.core.errors import SettingsError
from avdf.model.inference.aggregate import aggregate
from avdf.model.inference.decision import (
    ONLY_SYNTHETIC,
    Judgement,
    judge,
    ratios_of,
)
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.temperature import COOLEST, HOTTEST
from avdf.model.inference.validation import Validation
from avdf.model.likelihood.ratio_model import fit_ratio
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.runs.stored_validation import load_validation
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import VERDICTS, PerVerdict, Verdict

Probabilities = npt.NDArray[np.float64]

PLAIN = Judgement("mean", Thresholds(video=0.6))


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


def validation_of(labels: list[int], scores: Probabilities) -> Validation:
    """One segment a video, with the same labels and scores for each verdict."""
    count = len(labels)
    segments = SegmentScores(
        video=np.arange(count),
        fake=PerVerdict.same(scores),
        distances=np.zeros((count, 16)),
    )
    known = np.array(labels, np.int64)
    return Validation(segments, PerVerdict.same(known))


@pytest.fixture(scope="module")
def overconfident() -> Validation:
    """60 videos whose scores are right more often than not, and far too certain."""
    generator = np.random.default_rng(3)
    labels = np.arange(60) % 2
    noise = generator.normal(scale=2, size=60)
    honest_logits = np.where(labels == 1, 1.0, -1.0) + noise
    return validation_of(labels.tolist(), expit(4 * honest_logits))


# Calibration


def rounded_scores(
    generator: np.random.Generator,
    count: int,
    scale: float,
    shift: Probabilities | float = 0.0,
) -> Probabilities:
    """Scores whose logits are a thousandth apart at least, where they differ."""
    logits = generator.normal(scale=scale, size=count) + shift
    return np.asarray(expit(np.round(logits, 3)))


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
    scores = rounded_scores(generator, count, scale, shift)
    validation = validation_of(labels.tolist(), scores)

    judgement = judge(validation, "mean", calibrate=True)

    assert all(COOLEST <= heat <= HOTTEST for heat in judgement.temperatures)
    others = np.unique(rounded_scores(generator, 400, 2 * scale))
    for calibrated in judgement.calibrated(PerVerdict.same(others)):
        steps = np.diff(calibrated)
        assert (steps > 0).all()


def test_without_calibration_every_temperature_is_1(overconfident: Validation) -> None:
    assert set(judge(overconfident, "mean").temperatures) == {1.0}


def test_overconfident_scores_are_calibrated(overconfident: Validation) -> None:
    calibrated = judge(overconfident, "mean", calibrate=True)
    assert all(heat > 1 for heat in calibrated.temperatures)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_calibration_keeps_the_verdicts(
    verdict: Verdict,
    overconfident: Validation,
) -> None:
    """Scores and thresholds move together."""
    fake = aggregate(overconfident.scores, 60, "mean")
    plain = judge(overconfident, "mean")
    calibrated = judge(overconfident, "mean", calibrate=True)

    before = plain.calibrated(fake)[verdict]
    after = calibrated.calibrated(fake)[verdict]

    first = [plain.verdict(verdict, p) for p in before]
    second = [calibrated.verdict(verdict, p) for p in after]
    assert first == second


SCORES = np.array([0.1, 0.5, 0.9, np.nan])


@pytest.mark.parametrize("temperature", [2.0, 4.0])
def test_a_temperature_divides_the_logit(temperature: float) -> None:
    judgement = replace(PLAIN, temperatures=PerVerdict.same(temperature))
    found = judgement.calibrated(PerVerdict.same(SCORES))
    # The logit is the logarithm of the odds: dividing it takes a root of them.
    odds = (SCORES / (1 - SCORES)) ** (1 / temperature)
    np.testing.assert_allclose(found.video, odds / (1 + odds))


def test_each_verdict_has_its_own_temperature() -> None:
    temperatures = PerVerdict(visual=1.0, audio=2.0, video=4.0)
    judgement = replace(PLAIN, temperatures=temperatures)
    found = judgement.calibrated(PerVerdict.same(SCORES))
    for verdict in VERDICTS:
        alone = PerVerdict.same(temperatures[verdict])
        wanted = replace(PLAIN, temperatures=alone).calibrated(PerVerdict.same(SCORES))
        np.testing.assert_array_equal(found[verdict], wanted[verdict])


def test_a_temperature_of_1_changes_no_bit() -> None:
    found = PLAIN.calibrated(PerVerdict.same(SCORES))
    np.testing.assert_array_equal(found.visual, SCORES)


# Thresholds, and the band around them


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


half_widths = st.floats(0, 0.5, exclude_max=True)


def judgement_with(threshold: float, abstain: float) -> Judgement:
    """A judgement with that threshold, and unsure within `abstain` of it."""
    return Judgement("mean", Thresholds(video=threshold), abstain=abstain)


@given(st.floats(0, 1, exclude_min=True), half_widths)
def test_beside_the_band_both_verdicts_can_be_given(
    threshold: float,
    abstain: float,
) -> None:
    judgement = judgement_with(threshold, abstain)
    assert judgement.verdict("video", 0.0) == "real"
    assert judgement.verdict("video", 1.0) == "fake"


@given(st.floats(0, 1), half_widths)
def test_the_band_is_around_the_threshold(threshold: float, abstain: float) -> None:
    low, high = judgement_with(threshold, abstain).band("video")
    rounding = 1e-12
    assert low <= threshold <= high
    assert high - threshold <= abstain + rounding
    assert threshold - low <= abstain + rounding


@pytest.mark.parametrize("abstain", [-0.1, 0.5, 1.0])
def test_a_band_that_leaves_no_verdict_is_refused(abstain: float) -> None:
    with pytest.raises(SettingsError, match="abstain band"):
        replace(PLAIN, abstain=abstain)


# Runs trained on synthetic videos alone


@pytest.fixture
def only_synthetic() -> Judgement:
    return replace(PLAIN, only_synthetic=True)


def test_a_run_trained_on_synthetic_videos_withholds_verdicts_on_recordings(
    only_synthetic: Judgement,
) -> None:
    assert only_synthetic.withheld(synthetic=False) == ONLY_SYNTHETIC


def test_a_run_trained_on_synthetic_videos_judges_synthetic_videos(
    only_synthetic: Judgement,
) -> None:
    assert only_synthetic.withheld(synthetic=True) == ""


def test_a_run_trained_on_recordings_withholds_nothing() -> None:
    assert PLAIN.withheld(synthetic=False) == ""


# Where thresholds come from


def test_thresholds_come_from_validation(overconfident: Validation) -> None:
    thresholds = judge(overconfident, "mean").thresholds
    assert thresholds.origin == "validation"
    assert thresholds.defaults == ()


def test_thresholds_that_validation_cannot_tell_stay_at_one_half() -> None:
    only_fakes = validation_of([1, 1, 1], np.array([0.2, 0.6, 0.9]))
    thresholds = judge(only_fakes, "mean").thresholds
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


# Likelihood ratios


def test_ratios_come_from_the_validation_videos(overconfident: Validation) -> None:
    found = ratios_of(overconfident, "mean")

    labels, scores = overconfident.of("mean").video
    assert found.video == fit_ratio(labels, scores)
    judgement = replace(PLAIN, ratios=found)
    asked = PerVerdict.same(np.array([0.001, 0.999, np.nan]))
    low, high, missing = judgement.log10_ratios(asked).video
    assert low < 0 < high and np.isnan(missing)


def test_without_being_asked_for_there_are_no_ratios() -> None:
    asked = PerVerdict.same(np.array([0.1, 0.9]))
    assert np.isnan(PLAIN.log10_ratios(asked).video).all()


def test_few_validation_videos_give_no_ratios(loaded: LoadedRun) -> None:
    # The run has three of them.
    assert loaded.judgement(ratios=True).ratios == PerVerdict.same(None)


def test_ratios_need_the_validation_scores(loaded: LoadedRun) -> None:
    with pytest.raises(SettingsError, match="without calibration and likelihood"):
        replace(loaded, validation=None).judgement(ratios=True)
