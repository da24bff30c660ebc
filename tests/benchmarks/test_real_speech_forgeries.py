"""The benchmark on recorded speech: what it trains on, and how it counts."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from avdf.cache.core.clock import SEGMENT_SAMPLES
from tests.benchmarks.real_speech_forgeries import (
    GENUINE,
    READY_MADE,
    Experiment,
    Window,
    area,
    drawn_people,
)
from tests.benchmarks.speech_recordings import loud_windows


def test_area_equals_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    # Rounded, so that there are ties.
    genuine = np.round(generator.normal(size=50), 1).astype(np.float32)
    forged = np.round(generator.normal(0.5, size=40), 1).astype(np.float32)
    expected = roc_auc_score(np.repeat([0, 1], [50, 40]), np.append(genuine, forged))
    assert area(genuine, forged) == pytest.approx(expected)


def test_windows_are_loud_and_do_not_overlap() -> None:
    pcm = np.zeros(100_000, np.int16)
    pcm[20_000:55_000] = np.random.default_rng(0).normal(0, 3000, 35_000)
    starts = loud_windows(pcm, most=5)
    assert len(starts) >= 3
    assert min(np.diff(sorted(starts))) >= SEGMENT_SAMPLES
    for start in starts:
        assert np.std(pcm[start : start + SEGMENT_SAMPLES].astype(float)) > 600
    assert loud_windows(np.zeros(100_000, np.int16), most=5) == []
    assert loud_windows(pcm[:100], most=5) == []


def test_people_are_drawn_as_a_whole() -> None:
    people = np.array(["a", "a", "b", "c", "c", "c"])
    for seed in range(10):
        drawn = people[drawn_people(people, np.random.default_rng(seed))]
        counts = {name: np.sum(drawn == name) for name in "abc"}
        assert counts["a"] % 2 == 0
        assert counts["c"] % 3 == 0


def test_neither_the_source_nor_the_method_left_out_is_trained_on() -> None:
    # One feature tells lpc from genuine, the other tells world; each works in one direction.
    rows, features = [], []
    for source in ("kde", "asterisk", "grid"):
        for number in range(20):
            for method, feature in (
                (GENUINE, (0, 0)),
                ("lpc", (1, 0)),
                ("world", (0, 1)),
            ):
                rows.append(
                    Window(f"{source}{number}", source, "one", method, READY_MADE)
                )
                # In the source of the test, everything is the other way round.
                sign = -1 if source == "grid" else 1
                features.append(sign * np.array(feature) + number * 1e-3)
    experiment = Experiment(rows, np.array(features, np.float32))
    without_lpc = experiment.scores("grid", ("lpc",), READY_MADE)
    with_all = experiment.scores("grid", (), READY_MADE)
    kde_lpc = experiment.by_recording(without_lpc, "kde", "lpc")[1]
    kde_world = experiment.by_recording(without_lpc, "kde", "world")[1]
    assert kde_world.min() > kde_lpc.max()
    # Trained on grid too, the probe would be undecided there.
    result = experiment.auc([with_all], "grid", "world")
    assert result.mean == 0.0
