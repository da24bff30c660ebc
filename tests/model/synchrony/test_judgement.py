"""What is said of a curve: its figures, its probability and its verdict."""

from dataclasses import replace

import numpy as np
import pytest

from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.judgement import (
    NO_SYNC_JUDGEMENT,
    TOO_SHORT,
    SyncJudgement,
    compared_with_least,
    judge_synchrony,
    read_synchrony,
)
from avdf.model.synchrony.offset_curves import MOST_FRAMES, OFFSETS, OffsetCurves
from avdf.model.synchrony.synchrony import (
    IN_SYNC,
    NOTHING_COMPARED,
    OUT_OF_SYNC,
    Synchrony,
)

CALIBRATION = SyncCalibration(
    slope=8.0,
    intercept=1.0,
    threshold=0.4,
    depth=0.25,
    genuine=20,
    apart=140,
    auc=0.9512,
    interval=(0.9, 0.98),
    by_kind={"other sound": 0.9, "moved sound": 0.96},
    genuine_depth=0.5,
    segment_depth=0.25,
)
JUDGEMENT = SyncJudgement(CALIBRATION, note="")


def curves(offset: int, depth: float, pairs: int = 48) -> OffsetCurves:
    """One curve of 1, but less by `depth` at an offset in frames."""
    distance = np.ones((1, len(OFFSETS)))
    distance[0, MOST_FRAMES + offset] -= depth
    counts = np.full(distance.shape, pairs, np.int32)
    return OffsetCurves((distance * pairs).astype(np.float32), counts)


def judged(found: OffsetCurves, judgement: SyncJudgement = JUDGEMENT) -> Synchrony:
    (one,) = judge_synchrony(found, judgement)
    return one


def verdict(threshold: float, abstain: float, probability: float) -> str:
    calibration = replace(CALIBRATION, threshold=threshold)
    return SyncJudgement(calibration, "", abstain).verdict(probability)


@pytest.mark.parametrize(
    ("offset", "depth", "sync"), [(0, 0.5, -0.5), (5, 0.5, 0.0), (-20, 0.3, 0.0)]
)
def test_a_curve_is_judged_by_its_sync(offset: int, depth: float, sync: float) -> None:
    found = judged(curves(offset, depth))

    assert found.sync == pytest.approx(sync, abs=1e-6)
    assert found.depth == pytest.approx(depth, abs=1e-6)
    assert found.offset_ms == 40 * offset
    wanted = 1 / (1 + np.exp(-(8 * sync + 1)))
    assert found.probability == pytest.approx(wanted, abs=1e-5)
    assert found.verdict == (OUT_OF_SYNC if wanted >= 0.4 else IN_SYNC)
    assert found.note == "" and found.examined


def test_an_offset_is_named_only_where_the_curve_is_deep_enough() -> None:
    assert judged(curves(5, 0.26)).offset_ms == 200
    assert judged(curves(5, 0.24)).offset_ms is None


def test_the_curve_has_none_where_too_little_was_compared() -> None:
    known = curves(0, 0.5)
    pairs = known.pairs.copy()
    pairs[:, :3] = 7

    found = judged(OffsetCurves(known.sums, pairs))

    assert found.curve[:3] == (None, None, None)
    assert found.curve[3] == pytest.approx(1)
    assert found.curve[MOST_FRAMES] == pytest.approx(0.5)
    assert len(found.curve) == 51


@pytest.mark.parametrize(("pairs", "is_judged"), [(31, False), (32, True)])
def test_a_short_video_is_not_judged(pairs: int, is_judged: bool) -> None:
    found = judged(curves(3, 0.5, pairs))

    assert found.examined == is_judged
    assert bool(found.verdict) == is_judged
    assert found.note == ("" if is_judged else TOO_SHORT)
    assert found.offset_ms == (120 if is_judged else None)
    assert found.sync == pytest.approx(0)
    assert "1.28 s" in TOO_SHORT  # of which 32 frames at 25 a second are made


def test_a_segment_is_read_and_not_judged() -> None:
    (found,) = read_synchrony(curves(3, 0.5, 16), JUDGEMENT)

    assert found.sync == pytest.approx(0) and found.offset_ms == 120
    assert (found.probability, found.verdict, found.note) == (None, "", "")


def test_where_nothing_was_compared_there_is_nothing() -> None:
    assert judged(OffsetCurves.unknown(1)) == Synchrony(note=NOTHING_COMPARED)


def test_a_run_that_cannot_judge_says_why_of_every_video() -> None:
    cannot = SyncJudgement(CALIBRATION, note="it has not learned it")

    for found in (
        judged(curves(0, 0.5), cannot),
        judged(OffsetCurves.unknown(1), cannot),
    ):
        assert (found.probability, found.verdict) == (None, "")
        assert (found.offset_ms, found.note) == (None, "it has not learned it")
    assert judged(curves(0, 0.5), cannot).sync == pytest.approx(-0.5)


def test_several_curves_are_judged_each_for_itself() -> None:
    one, two = curves(0, 0.5), OffsetCurves.unknown(1)
    both = OffsetCurves(
        np.concatenate([one.sums, two.sums]), np.concatenate([one.pairs, two.pairs])
    )

    assert list(judge_synchrony(both, JUDGEMENT)) == [judged(one), judged(two)]


@pytest.mark.parametrize(
    ("probability", "wanted"),
    [
        (0.0, IN_SYNC),
        (0.3, IN_SYNC),
        (0.31, "unsure"),
        (0.4, "unsure"),
        (0.49, "unsure"),
        (0.5, OUT_OF_SYNC),
        (1.0, OUT_OF_SYNC),
    ],
)
def test_near_the_threshold_the_verdict_is_unsure(
    probability: float, wanted: str
) -> None:
    assert verdict(0.4, 0.1, probability) == wanted


def test_without_a_band_the_threshold_is_out_of_sync() -> None:
    assert verdict(0.4, 0.0, 0.4) == OUT_OF_SYNC
    assert verdict(0.4, 0.0, np.nextafter(0.4, 0)) == IN_SYNC


@pytest.mark.parametrize("abstain", [0.0, 0.1, 0.49])
@pytest.mark.parametrize("threshold", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_certain_probabilities_are_never_unsure(
    threshold: float, abstain: float
) -> None:
    assert verdict(threshold, abstain, 1.0) == OUT_OF_SYNC
    wanted = OUT_OF_SYNC if threshold == 0 else IN_SYNC
    assert verdict(threshold, abstain, 0.0) == wanted


@pytest.mark.parametrize("abstain", [0.0, 0.2])
def test_larger_probabilities_never_fit_better(abstain: float) -> None:
    order = [IN_SYNC, "unsure", OUT_OF_SYNC]
    for threshold in (0.0, 0.1, 0.5, 0.9, 1.0):
        given = [
            order.index(verdict(threshold, abstain, p))
            for p in np.linspace(0.001, 1, 101)
        ]
        assert given == sorted(given)


def test_a_run_that_compares_nothing_gives_no_verdict() -> None:
    assert NO_SYNC_JUDGEMENT.verdict(0.9) == ""
    assert NO_SYNC_JUDGEMENT.usable is None
    assert NO_SYNC_JUDGEMENT.basis == ""
    assert NO_SYNC_JUDGEMENT.note == "this run does not compare picture and sound"


def test_the_basis_names_the_pairs_and_the_interval() -> None:
    assert JUDGEMENT.basis == (
        "synchrony: checked on 20 genuine validation videos and 140 pairs that do not belong "
        "together (moved sound, other sound), AUC 0.951 (0.900-0.980)"
    )
    few = replace(CALIBRATION, genuine=19)
    assert replace(JUDGEMENT, calibration=few).basis.endswith(
        "; so few genuine videos make this uncertain, at least 20 are needed"
    )
    assert replace(JUDGEMENT, note="no").basis == ""


def curve_with(least: int, value: float = 0.6) -> tuple[float, ...]:
    """A curve of 0.9 that is least at one offset, in frames."""
    return tuple(value if offset == least else 0.9 for offset in range(-25, 26))


@pytest.mark.parametrize(("least", "named"), [(0, 0), (1, 40), (-1, -40), (2, None)])
def test_in_sync_an_offset_is_named_where_verdict_and_curve_agree(
    least: int, named: int | None
) -> None:
    found = Synchrony(verdict=IN_SYNC, curve=curve_with(least))
    assert compared_with_least(found).offset_ms == named


@pytest.mark.parametrize(
    ("least", "verdict"),
    [(0, "unsure"), (1, "unsure"), (-1, "unsure"), (2, OUT_OF_SYNC)],
)
def test_out_of_sync_is_not_said_where_the_sound_fits_best_as_it_is(
    least: int, verdict: str
) -> None:
    found = Synchrony(verdict=OUT_OF_SYNC, curve=curve_with(least))
    assert compared_with_least(found).verdict == verdict
    assert compared_with_least(found).offset_ms is None
