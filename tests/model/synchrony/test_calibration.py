"""How `sync` is read: the logistic curve, its threshold and its limits, against plain formulas."""

import json
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from avdf.model.synchrony.calibration import (
    LEARNED,
    SyncCalibration,
    calibrate_sync,
)
from avdf.model.synchrony.made_pairs import SyncPairs
from avdf.model.synchrony.offset_curves import MOST_FRAMES, OFFSETS, OffsetCurves

Array = npt.NDArray[np.float64]
PAIRS = 32  # of frames, at each offset


def curves_with(sync: Array, depth: Array | None = None) -> OffsetCurves:
    """Curves with a median of 1, D(0) of 1 + `sync`, and `depth` at one other offset."""
    distance = np.ones((len(sync), len(OFFSETS)))
    distance[:, MOST_FRAMES] += sync
    if depth is not None:
        distance[:, 0] -= depth
    pairs = np.full(distance.shape, PAIRS, np.int32)
    return OffsetCurves((distance * PAIRS).astype(np.float32), pairs)


def made(
    genuine: Array | list[float],
    apart: Array | list[float],
    persons: int = 10,
) -> SyncPairs:
    """Pairs with these values of `sync`; every second of those apart has other sound."""
    sync = np.concatenate([genuine, apart])
    kinds = ["genuine"] * len(genuine)
    kinds += [("other sound", "moved sound")[n % 2] for n in range(len(apart))]
    label = np.array([kind != "genuine" for kind in kinds], np.int64)
    source = np.array([f"p{n % persons}" for n in range(len(sync))], np.object_)
    curves = curves_with(sync)
    # As if each pair with other sound had a single segment.
    segments = curves.chosen(np.array(kinds) == "other sound")
    return SyncPairs(np.array(kinds, np.str_), label, source, curves, segments)


def calibrated(pairs: SyncPairs) -> SyncCalibration:
    found = calibrate_sync(pairs)
    assert found is not None
    return found


def overlapping(
    seed: int = 0, genuine: int = 40, apart: int = 160
) -> tuple[Array, Array]:
    """Values of genuine pairs, and of others, which overlap."""
    generator = np.random.default_rng(seed)
    return generator.normal(-0.25, 0.1, genuine), generator.normal(0, 0.1, apart)


def plain_loss(line: Array, genuine: Array, apart: Array) -> float:
    """Cross entropy against Platt's labels, one pair at a time; both classes weigh the same."""
    slope, intercept = line
    loss = 0.0
    for values, target in (
        (genuine, 1 / (len(genuine) + 2)),
        (apart, (len(apart) + 1) / (len(apart) + 2)),
    ):
        for value in values:
            at = slope * value + intercept
            # -log p = log(1 + e^-at) and -log(1 - p) = log(1 + e^at)
            loss_of_pair = target * np.logaddexp(0, -at)
            loss_of_pair += (1 - target) * np.logaddexp(0, at)
            loss += loss_of_pair / len(values)
    return float(loss)


SHAPES = {
    "overlapping": overlapping(),
    "few": (np.array([-0.3, -0.1]), np.array([0.02, -0.15, 0.1])),
    "one of each": (np.array([-0.2]), np.array([0.1])),
    "told apart": (np.linspace(-0.5, -0.3, 12), np.linspace(-0.05, 0.05, 50)),
    "far from 0": (np.linspace(-1.02, -1.0, 12), np.linspace(-0.99, -0.97, 30)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_curve_is_that_of_platt(name: str) -> None:
    genuine, apart = SHAPES[name]
    # As a curve has them, which is stored in single precision.
    curves = curves_with(np.concatenate([genuine, apart])).sync
    genuine, apart = curves[: len(genuine)], curves[len(genuine) :]

    found = calibrated(made(genuine, apart))

    # Searched on a scale of its own, since a search over bare values ends early.
    middle, width = curves.mean(), curves.std()
    wanted = minimize(
        lambda line: plain_loss(
            line, (genuine - middle) / width, (apart - middle) / width
        ),
        np.zeros(2),
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-13, "maxiter": 5000},
    )
    slope, intercept = wanted.x
    line = slope * (curves - middle) / width + intercept
    np.testing.assert_allclose(
        found.probability(curves), 1 / (1 + np.exp(-line)), atol=2e-3
    )


def test_certainty_grows_with_the_number_of_pairs() -> None:
    few = calibrated(made([-0.5] * 2, [0.0] * 2))
    many = calibrated(made([-0.5] * 200, [0.0] * 200))

    # With so many pairs told apart without a mistake, Platt's labels are 1/4 and 3/4.
    wanted = [1 / 4, 3 / 4]
    ends = np.array([-0.5, 0.0])
    np.testing.assert_allclose(few.probability(ends), wanted, atol=2e-3)
    np.testing.assert_allclose(many.probability(ends), [1 / 202, 201 / 202], atol=1e-3)


def test_the_area_is_that_of_scikit_learn() -> None:
    genuine, apart = overlapping(3)
    pairs = made(genuine, apart)

    found = calibrated(pairs)

    assert found.auc == pytest.approx(roc_auc_score(pairs.label, pairs.curves.sync))
    for kind, area in found.by_kind.items():
        own = apart[0::2] if kind == "other sound" else apart[1::2]
        labels = [0] * len(genuine) + [1] * len(own)
        wanted = roc_auc_score(labels, [*genuine, *own])
        assert area == pytest.approx(wanted, abs=1e-6)
    assert set(found.by_kind) == {"other sound", "moved sound"}
    assert (found.genuine, found.apart) == (40, 160)


def test_curves_are_flat_where_half_of_the_genuine_ones_are() -> None:
    genuine, apart = overlapping(3)
    pairs = made(genuine, apart)

    found = calibrated(pairs)

    depths = pairs.curves.depth[pairs.label == 0]
    assert found.genuine_depth == pytest.approx(np.median(depths))
    assert not found.is_flat
    flat = replace(found, genuine_depth=0.009, interval=(0.9, 1.0))
    assert flat.is_flat and not flat.has_learned


def balanced_accuracy(genuine: Array, apart: Array, threshold: float) -> float:
    right_apart = sum(p >= threshold for p in apart) / len(apart)
    right_genuine = sum(p < threshold for p in genuine) / len(genuine)
    return float(right_apart + right_genuine) / 2


@pytest.mark.parametrize("seed", range(4))
def test_no_other_threshold_is_better(seed: int) -> None:
    genuine, apart = overlapping(seed, 15, 25)

    found = calibrated(made(genuine, apart))

    p_genuine, p_apart = found.probability(genuine), found.probability(apart)
    own = balanced_accuracy(p_genuine, p_apart, found.threshold)
    others = [balanced_accuracy(p_genuine, p_apart, n / 2000) for n in range(2001)]
    assert own == pytest.approx(max(others), abs=1e-9)


@given(st.integers(0, 200), st.integers(2, 12), st.integers(2, 30))
def test_a_larger_sync_is_never_less_probably_apart(
    seed: int, genuine: int, apart: int
) -> None:
    found = calibrated(made(*overlapping(seed, genuine, apart), persons=4))
    probability = found.probability(np.linspace(-2, 2, 201))

    assert ((probability >= 0) & (probability <= 1)).all()
    if found.has_learned:
        assert (np.diff(probability) >= 0).all()


def test_a_curve_that_falls_has_not_learned() -> None:
    # A single outlier turns the curve around, though ranks tell the pairs apart.
    genuine = [*np.linspace(-0.012, -0.01, 60), 1.9]
    apart = np.linspace(0.0, 0.01, 60)

    found = calibrated(made(genuine, apart, persons=61))

    assert found.interval is not None and found.interval[0] > LEARNED
    assert found.slope < 0
    assert not found.has_learned


def test_values_that_are_all_alike_say_nothing() -> None:
    # The mean of equal numbers may differ from them in the last bit.
    found = calibrated(made([-0.1] * 7, [-0.1] * 13))

    assert found.auc == 0.5
    assert found.probability(np.array([-0.1])) == pytest.approx(0.5, abs=0.1)
    assert abs(found.slope) < 1e3
    assert not found.has_learned


def test_one_person_has_no_interval() -> None:
    found = calibrated(made(*overlapping(), persons=1))

    assert found.interval is None
    assert not found.has_learned


@pytest.mark.parametrize(
    ("interval", "learned"),
    [((LEARNED, 1.0), True), ((LEARNED - 1e-6, 1.0), False), (None, False)],
)
def test_a_run_has_learned_where_the_interval_begins_high_enough(
    interval: tuple[float, float] | None, learned: bool
) -> None:
    found = calibrated(made(*overlapping()))

    assert replace(found, interval=interval).has_learned == learned


@pytest.mark.parametrize(("genuine", "apart"), [([], [0.1]), ([0.1], []), ([], [])])
def test_without_both_classes_nothing_is_said(
    genuine: list[float], apart: list[float]
) -> None:
    assert calibrate_sync(made(genuine, apart)) is None


def test_curves_that_are_not_known_are_left_out() -> None:
    pairs = made(*overlapping(5))
    # As many again, of which nothing was compared or nothing is a number.
    count = len(pairs.label)
    unknown = OffsetCurves.unknown(count)
    missing = OffsetCurves(
        np.full((count, len(OFFSETS)), np.nan, np.float32),
        np.full((count, len(OFFSETS)), PAIRS, np.int32),
    )
    more = SyncPairs(
        kind=np.tile(pairs.kind, 3),
        label=np.concatenate([pairs.label, 1 - pairs.label, 1 - pairs.label]),
        source=np.tile(pairs.source, 3),
        curves=OffsetCurves(
            np.concatenate([pairs.curves.sums, unknown.sums, missing.sums]),
            np.concatenate([pairs.curves.pairs, unknown.pairs, missing.pairs]),
        ),
        segments=pairs.segments,
    )

    assert calibrate_sync(more) == calibrate_sync(pairs)


def test_the_depth_is_what_one_in_twenty_unrelated_curves_exceeds() -> None:
    genuine, apart = [-0.3] * 5, [0.0] * 80
    pairs = made(genuine, apart)
    depth = np.zeros(85)
    # The depths of other sound are 0.01, 0.02, ... 0.40; those of moved sound are larger.
    depth[5::2] = np.arange(1, 41) / 100
    depth[6::2] = 0.9
    curves = curves_with(np.concatenate([genuine, apart]), depth)
    pairs = replace(pairs, curves=curves)

    found = calibrated(pairs)

    deeper = sum(value > found.depth for value in depth[5::2])
    assert deeper == 2  # of 40
    assert 0.38 <= found.depth < 0.39


def test_without_other_sound_the_depth_is_of_all_that_are_apart() -> None:
    pairs = made([-0.3] * 5, [0.0] * 40)
    kinds = np.where(pairs.label == 1, "moved sound", "genuine")
    depth = np.concatenate([np.full(5, 0.9), np.arange(1, 41) / 100])
    curves = curves_with(np.array([-0.3] * 5 + [0.0] * 40), depth)

    found = calibrated(replace(pairs, kind=kinds.astype(np.str_), curves=curves))

    assert 0.38 <= found.depth < 0.39


def test_what_is_not_known_has_no_probability() -> None:
    found = calibrated(made(*overlapping()))

    assert np.isnan(found.probability(np.array([np.nan]))).all()


def test_the_same_pairs_give_the_same_calibration() -> None:
    pairs = made(*overlapping(2))

    assert calibrate_sync(pairs) == calibrate_sync(pairs)


def read_as(slope: float, intercept: float, threshold: float) -> SyncCalibration:
    return SyncCalibration(
        slope=slope,
        intercept=intercept,
        threshold=threshold,
        depth=0.1,
        genuine=1,
        apart=1,
        auc=1.0,
        interval=None,
        by_kind={},
        genuine_depth=0.5,
        segment_depth=0.6,
    )


@given(
    slope=st.floats(0.5, 50),
    intercept=st.floats(-10, 10),
    threshold=st.floats(0.01, 0.99),
)
def test_the_sync_at_the_threshold_has_its_probability(
    slope: float, intercept: float, threshold: float
) -> None:
    found = read_as(slope, intercept, threshold)
    sync = found.sync_at_threshold
    assert sync is not None
    assert 1 / (1 + np.exp(-(slope * sync + intercept))) == pytest.approx(threshold)


@pytest.mark.parametrize(("slope", "threshold"), [(0.0, 0.5), (8.0, 0.0), (8.0, 1.0)])
def test_some_thresholds_belong_to_no_sync(slope: float, threshold: float) -> None:
    assert read_as(slope, 0.5, threshold).sync_at_threshold is None


@pytest.mark.parametrize("threshold", [-0.01, 1.01, float("nan")])
def test_a_threshold_outside_0_and_1_is_refused(threshold: float) -> None:
    found = calibrated(made(*overlapping()))

    with pytest.raises(ValueError, match=r"it must lie in \[0, 1\]"):
        replace(found, threshold=threshold)


def test_the_dictionary_is_json() -> None:
    found = calibrated(made(*overlapping()))

    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))

    assert found.interval is not None
    assert content.pop("interval") == list(found.interval)
    assert SyncCalibration(**content, interval=found.interval) == found
