"""From segments to verdicts: aggregators, temperatures, abstaining, leading silence."""

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.special import logit as scipy_logit
from sklearn.linear_model import LogisticRegression

from avdf.cache.core.errors import SettingsError
from avdf.cache.stream.batches import stream_batches
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.silence import (
    leading_silence,
    silence_in_shards,
    silent_rows,
    without_silence,
)
from avdf.cache.stream.windows import scoring_windows
from avdf.model.inference.aggregate import Aggregate, aggregate
from avdf.model.inference.decision import Judgement, judge
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.temperature import COOLEST, HOTTEST, temperature
from avdf.model.inference.validation import Validation
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.runs.stored_validation import load_validation
from avdf.model.scoring.options import ScoringOptions
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import VERDICTS, PerVerdict, as_columns, from_columns
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from tests.helpers.command import call


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


def segments_of(owner: list[int], seed: int = 0) -> SegmentScores:
    generator = np.random.default_rng(seed)
    fake = from_columns(generator.random((len(owner), 3)))
    return SegmentScores(np.array(owner), fake, generator.random((len(owner), 16)))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_aggregators_against_loops(owner: list[int], seed: int) -> None:
    segments = segments_of(owner, seed)
    for video in range(6):
        own = as_columns(segments.fake)[segments.video == video]
        found = {how: as_columns(aggregate(segments, 6, how))[video] for how in get_args(Aggregate)}
        if not len(own):
            assert all(np.isnan(value).all() for value in found.values())
            continue
        np.testing.assert_allclose(found["mean"], own.mean(axis=0))
        np.testing.assert_allclose(found["logit"], expit(scipy_logit(own).mean(axis=0)), rtol=1e-6)
        highest = [sorted(column)[-int(np.ceil(len(own) / 4)) :] for column in own.T]
        np.testing.assert_allclose(found["top"], [np.mean(values) for values in highest])
        np.testing.assert_allclose(
            found["lse"], expit(np.log(np.exp(scipy_logit(own)).mean(axis=0))), rtol=1e-6
        )
        for how in ("mean", "logit", "top", "lse"):
            assert (found[how] >= own.min(axis=0) - 1e-9).all() and (
                found[how] <= own.max(axis=0) + 1e-9
            ).all()
        assert (found["lse"] >= found["logit"] - 1e-9).all()  # Jensen


def test_certain_segments_and_untaught_verdicts_are_no_trouble() -> None:
    fake = np.array([[0.0, 1.0, np.nan], [1.0, 1.0, np.nan]])
    segments = SegmentScores(np.array([0, 0]), from_columns(fake), np.zeros((2, 16)))
    for how in ("mean", "logit", "top", "lse"):
        (found,) = as_columns(aggregate(segments, 1, how))
        assert np.isfinite(found[:2]).all() and np.isnan(found[2])
    with pytest.raises(SettingsError, match="use one of mean, logit, top, lse"):
        aggregate(segments, 1, "median")  # type: ignore[arg-type]


@given(st.integers(0, 999), st.floats(1.2, 5.0))
@settings(max_examples=15, deadline=None)
def test_temperature_is_that_of_a_logistic_regression_without_intercept(
    seed: int, heat: float
) -> None:
    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=2, size=4000)
    labels = (generator.random(4000) < expit(logits)).astype(np.int64)
    found = temperature(labels, expit(logits * heat))
    # the prior of log T, deviation log 2, weighs nearly nothing against 4,000 videos
    reference = LogisticRegression(fit_intercept=False, C=1e9).fit((logits * heat)[:, None], labels)
    assert found == pytest.approx(min(10.0, max(1.0, 1 / float(reference.coef_[0, 0]))), rel=2e-2)


@given(st.integers(0, 999), st.integers(2, 40), st.floats(0.5, 12.0))
@settings(max_examples=60, deadline=None)
def test_calibration_never_changes_the_order(seed: int, count: int, scale: float) -> None:
    """Separable validation, saturated scores, few videos: no two scores are exchanged, and none become one."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    logits = np.round(
        generator.normal(scale=scale, size=count) + np.where(labels == 1, scale, -scale), 3
    )
    validation = SegmentScores(
        np.arange(count), PerVerdict.same(expit(logits)), np.zeros((count, 16))
    )
    judgement = judge(Validation(validation, PerVerdict.same(labels)), "mean", calibrate=True)
    assert all(COOLEST <= heat <= HOTTEST for heat in judgement.temperatures)
    others = np.unique(expit(np.round(generator.normal(scale=2 * scale, size=400), 3)))
    calibrated = judgement.calibrated(PerVerdict.same(others))
    assert all((np.diff(p) > 0).all() for p in calibrated)


def test_a_few_separable_videos_move_the_temperature_little() -> None:
    """Without a prior and bounds, perfectly separated scores ask for a temperature of 0, hopeless ones for infinity."""
    labels = np.array([0, 1] * 6)
    assert temperature(labels, np.where(labels == 1, 0.7, 0.3)) == 1.0
    assert temperature(labels, np.where(labels == 1, 0.1, 0.9)) < HOTTEST
    assert (
        temperature(np.tile(labels, 999), np.tile(np.where(labels == 1, 0.1, 0.9), 999))
        > HOTTEST - 0.01
    )


def test_temperature_of_one_class_changes_nothing() -> None:
    assert temperature(np.array([1, 1, -1]), np.array([0.9, 0.2, 0.4])) == 1.0


def test_calibration_keeps_the_order_and_the_verdicts() -> None:
    owner = [video for video in range(30) for _ in range(3)]
    segments = segments_of(owner, 3)
    labels = PerVerdict.same(np.arange(30) % 2)
    plain, calibrated = (
        judge(Validation(segments, labels), "mean", calibrate) for calibrate in (False, True)
    )
    assert set(plain.temperatures) == {1.0} and set(calibrated.temperatures) != {1.0}
    before, after = plain.scores(segments, 30), calibrated.scores(segments, 30)
    for verdict in VERDICTS:
        assert (np.argsort(before[verdict]) == np.argsort(after[verdict])).all()
        assert [plain.verdict(verdict, p) for p in before[verdict]] == [
            calibrated.verdict(verdict, p) for p in after[verdict]
        ]


def test_near_the_threshold_nothing_is_said() -> None:
    judgement = Judgement("mean", Thresholds(video=0.6), abstain=0.1)
    told = [judgement.verdict("video", p) for p in (0.4, 0.51, 0.6, 0.69, 0.71, None)]
    assert told == ["real", "unsure", "unsure", "unsure", "fake", ""]
    with pytest.raises(SettingsError, match="abstain band"):
        replace(judgement, abstain=0.5)


@given(st.floats(0, 1, exclude_min=True), st.floats(0, 0.5, exclude_max=True))
def test_both_verdicts_can_still_be_given_beside_the_band(threshold: float, abstain: float) -> None:
    """`--abstain .1` with a threshold of .05 reached below 0: no score was low enough for `real`."""
    judgement = Judgement("mean", Thresholds(video=threshold), abstain=abstain)
    assert (judgement.verdict("video", 0.0), judgement.verdict("video", 1.0)) == ("real", "fake")
    low, high = judgement.band("video")
    assert low <= threshold <= high and max(high - threshold, threshold - low) <= abstain + 1e-12


def test_a_checkpoint_keeps_what_its_thresholds_came_from(run: Path, loaded: LoadedRun) -> None:
    found = load_validation(run / "best")
    assert found is not None and as_columns(found.labels).shape == (3, 3)
    assert (
        judge(found, "mean").thresholds == loaded.info.thresholds == loaded.judgement().thresholds
    )
    assert loaded.judgement("lse").aggregate == "lse"
    with pytest.raises(SettingsError, match="no validation scores"):
        replace(loaded, validation=None).judgement("top")


def test_leading_silence_is_what_is_not_louder_than_60_db_below_full_scale() -> None:
    sound = np.array([0, 33, -33, 20, 34, 0], np.int16)
    assert leading_silence(sound) == 4 and leading_silence(sound[:4]) == 4
    assert leading_silence(np.array([-32768], np.int16)) == 0
    assert [
        silent_rows(seconds) for seconds in (0.0, 1 / 16000, 0.04, 0.040_062_5, float("nan"))
    ] == [0, 1, 1, 2, 0]


def test_silence_is_left_out_of_shards_and_of_files_alike(
    loaded: LoadedRun, shards: Path, synthetic_manifest: Path, detector: FaceDetector
) -> None:
    videos = list_shard_videos(shards)
    seconds = silence_in_shards(videos)
    cloned = [video.info.method == "rtvc" for video in videos]
    assert (seconds[cloned] >= 0.02).all()  # as the synthetic forgery begins
    skip = [silent_rows(value) for value in seconds]
    windows = scoring_windows(videos, skip=skip)
    for window in windows:
        video = videos[window.video]
        assert window.row >= video.tracks[0].row + skip[window.video] and (
            window.segment < 0
        ) == bool(skip[window.video])
    for batch in stream_batches(ShardPool(), [windows[:2]]):
        assert leading_silence(batch.pcm[0].numpy()) < 640
    scores = score_shards(loaded, shards, "", ScoringOptions(trim_silence=True))
    assert scores.trimmed and scores.segments[0].start == pytest.approx(skip[0] / 25)
    info = next(
        video for video in list_videos([synthetic_manifest]).videos if video.method == "rtvc"
    )
    prepared = prepare_video(info, PrepSettings(), detector)
    cut = without_silence(prepared)
    assert cut.tracks[0].start > 0 and len(cut.tracks[0]) < len(prepared.tracks[0])
    stored = next(video for video in scores.videos if video.info.id == info.id)
    alone = score_prepared(loaded, [prepared], ScoringOptions(trim_silence=True)).videos[0]
    assert alone.probability.audio == pytest.approx(stored.probability.audio, abs=5e-3)
    assert alone.leading_silence == pytest.approx(stored.leading_silence)


def test_the_command_reports_the_shortcut_and_what_was_chosen(
    run: Path, shards: Path, tmp_path: Path
) -> None:
    options = ("--aggregate", "top", "--calibrate", "--abstain", "0.05", "--trim-silence")
    code, text = call("score", run, shards, "--split", "all", "--out", tmp_path, *options)
    assert code == 0 and "leading silence alone: AUC" in text
    document = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert (document["aggregate"], document["abstain"]) == ("top", 0.05)
    assert set(document["temperatures"]) == {"visual", "audio", "video"}
    probe, decided = document["silence_probe"], document["decided"]["video"]
    assert probe["trimmed"] and probe["videos"] == 18 and 0 <= probe["auc_audio"] <= 1
    assert decided["unsure"] + decided["decided"] == 18
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "highest quarter" in page and "temperatures" in page and "Leading silence alone" in page
    assert "It was left out" in page
