"""Intervals in timelines and how they meet true ones, against plain loops over the definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import Period
from avdf.model.evaluation.localisation import (
    AR_OVERLAPS,
    average_precision,
    average_recall,
    localisation,
)
from avdf.model.evaluation.proposals import proposals, suspect_intervals
from avdf.model.evaluation.time_interval import TimeInterval, overlap
from tests.helpers.timelines import timeline, timeline_with_peak

Intervals = tuple[TimeInterval, ...]
ByVideo = dict[str, Intervals]

FOUND = TimeInterval(1.0, 2.0, 0.9)
intervals = st.tuples(st.integers(0, 40), st.integers(1, 20), st.integers(0, 9)).map(
    lambda row: TimeInterval(row[0] / 10, (row[0] + row[1]) / 10, row[2] / 10)
)
sorted_intervals = st.lists(intervals, max_size=6).map(
    lambda rows: tuple(sorted(rows, key=lambda one: -one.score))
)
videos = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(sorted_intervals, sorted_intervals),
    min_size=1,
)


def intersection_over_union(one: TimeInterval, other: TimeInterval) -> float:
    inner = max(0.0, min(one.end, other.end) - max(one.start, other.start))
    return inner / (max(one.end, other.end) - min(one.start, other.start))


def plain_hits(guesses: Intervals, truth: Intervals, level: float) -> list[bool]:
    """Whether each guess hits: a true interval takes the first guess that is free."""
    used = [False] * len(guesses)
    for true in truth:
        for index, guess in enumerate(guesses):
            if intersection_over_union(guess, true) > level and not used[index]:
                used[index] = True
                break
    return used


def plain_precision(found: ByVideo, truth: ByVideo, level: float) -> float:
    """Match, sort, and integrate a precision that never falls towards lower recall."""
    marks: list[tuple[float, bool]] = []
    for name, guesses in found.items():
        used = plain_hits(guesses, truth[name], level)
        marks += [(guess.score, hit) for guess, hit in zip(guesses, used, strict=True)]
    marks.sort(key=lambda mark: -mark[0])
    total = sum(len(own) for own in truth.values())
    points = []
    hits = 0
    for rank, (_, hit) in enumerate(marks, 1):
        hits += hit
        points.append((hits / total, hits / rank))
    area = before = 0.0
    for index, (recall, _) in enumerate(points):
        area += (recall - before) * max(precision for _, precision in points[index:])
        before = recall
    return area


def plain_recall(found: ByVideo, truth: ByVideo, most: int) -> float:
    shares = []
    for level in AR_OVERLAPS:
        hits = [
            any(
                intersection_over_union(guess, true) > level
                for guess in found[name][:most]
            )
            for name, own in truth.items()
            for true in own
        ]
        shares.append(sum(hits) / len(hits))
    return float(np.mean(shares))


@given(videos, st.sampled_from([0.5, 0.75, 0.95]))
def test_average_precision_is_its_definition(
    pairs: dict[str, tuple[Intervals, Intervals]],
    level: float,
) -> None:
    found = {name: pair[0] for name, pair in pairs.items()}
    truth = {name: pair[1] for name, pair in pairs.items()}
    if any(truth.values()):
        expected = plain_precision(found, truth, level)
        assert average_precision(found, truth, level) == pytest.approx(expected)
    else:
        assert np.isnan(average_precision(found, truth, level))


@given(videos, st.sampled_from([1, 2, 5]))
def test_average_recall_is_its_definition(
    pairs: dict[str, tuple[Intervals, Intervals]],
    most: int,
) -> None:
    found = {name: pair[0] for name, pair in pairs.items()}
    truth = {name: pair[1] for name, pair in pairs.items()}
    if any(truth.values()):
        expected = plain_recall(found, truth, most)
        assert average_recall(found, truth, most) == pytest.approx(expected)
    else:
        assert np.isnan(average_recall(found, truth, most))


def test_an_interval_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="an interval from 2 s to 2 s"):
        TimeInterval(2, 2, 1.0)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (TimeInterval(1.0, 2.0, 0.1), 1.0),
        (TimeInterval(1.5, 2.5, 0.1), 1 / 3),
        (TimeInterval(1.25, 1.75, 0.1), 0.5),
        (TimeInterval(2.0, 3.0, 0.1), 0.0),
        (TimeInterval(5.0, 6.0, 0.1), 0.0),
    ],
)
def test_overlap_is_intersection_over_union(
    other: TimeInterval,
    expected: float,
) -> None:
    assert overlap(FOUND, other) == pytest.approx(expected)
    assert overlap(other, FOUND) == pytest.approx(expected)


def test_suspect_intervals_close_short_gaps() -> None:
    values = [0.1] * 10 + [0.9] * 10 + [0.2] * 3 + [0.8] * 5 + [0.1] * 20
    (found,) = suspect_intervals([timeline(values, 1.0)], "visual", 0.5)
    assert (found.start, found.end) == pytest.approx((1.4, 2.12))
    assert found.score == pytest.approx(np.mean(values[10:28]))


def test_suspect_intervals_leave_out_runs_of_two_frames() -> None:
    values = [0.1] * 20 + [0.9] * 2 + [0.1] * 20
    assert suspect_intervals([timeline(values)], "visual", 0.5) == ()


def test_a_verdict_that_was_not_judged_has_no_suspect_interval() -> None:
    assert suspect_intervals([timeline([float("nan")] * 20)], "audio", 0.5) == ()


def test_the_surest_proposal_is_the_peak() -> None:
    values = [0.1] * 40 + [0.95] * 15 + [0.1] * 40
    best, *others = proposals([timeline(values)], "video")
    assert (best.start, best.end) == pytest.approx((1.6, 2.2))
    assert all(one.score <= best.score for one in others)


def test_proposals_do_not_repeat_each_other() -> None:
    ramp = np.concatenate([np.linspace(0, 1, 60), np.linspace(1, 0, 60)])
    found = proposals([timeline(ramp.tolist())], "video")
    for index, one in enumerate(found):
        assert all(overlap(one, other) <= 0.75 for other in found[:index])


def test_no_more_proposals_are_made_than_are_asked_for() -> None:
    values = ([0.1] * 20 + [0.9] * 20) * 5
    assert len(proposals([timeline(values)], "video", most=3)) == 3


def test_a_perfect_timeline_finds_its_periods() -> None:
    values = [0.05] * 50 + [0.95] * 25 + [0.05] * 50
    timelines = {"fake": (timeline(values),), "real": (timeline([0.05] * 100),)}
    periods = {"fake": (Period(2.0, 3.0, visual=FAKE, audio=REAL),)}
    found = localisation(timelines, periods, "visual")
    assert found is not None
    assert (found.videos, found.periods, found.frame_auc) == (2, 1, 1.0)
    assert set(found.average_precision.values()) == {1.0}
    assert set(found.average_recall.values()) == {1.0}


def test_a_verdict_without_manipulated_periods_is_not_measured() -> None:
    periods = {"fake": (Period(2.0, 3.0, visual=FAKE, audio=REAL),)}
    assert (
        localisation({"fake": (timeline_with_peak(50, 75),)}, periods, "audio") is None
    )


def test_a_verdict_that_was_not_judged_is_not_measured() -> None:
    periods = {"fake": (Period(2.0, 3.0, visual=FAKE, audio=FAKE),)}
    timelines = {"fake": (timeline([float("nan")] * 100),)}
    assert localisation(timelines, periods, "audio") is None


def test_a_forged_video_without_a_timeline_misses_its_periods() -> None:
    timelines = {"a": (timeline_with_peak(25, 50),)}
    periods = {
        "a": (Period(1.0, 2.0, FAKE, FAKE),),
        "b": (Period(0.5, 1.5, FAKE, REAL),),
    }
    found = localisation(timelines, periods, "video")
    assert found is not None
    assert (found.videos, found.unscored, found.periods) == (2, 1, 2)
    assert found.average_precision["0.5"] == pytest.approx(0.5)
    assert found.average_recall["5"] <= 0.5


def test_a_video_whose_modality_is_real_has_no_period_to_miss() -> None:
    timelines = {"a": (timeline_with_peak(25, 50),)}
    periods = {
        "a": (Period(1.0, 2.0, FAKE, FAKE),),
        "b": (Period(0.5, 1.5, FAKE, REAL),),
    }
    found = localisation(timelines, periods, "audio")
    assert found is not None and found.unscored == 0


@pytest.mark.parametrize(
    ("verdict", "count"),
    [
        ("video", 2),
        ("visual", 1),
        ("audio", 1),
    ],
)
def test_a_video_of_unknown_modalities_takes_no_part_in_their_figures(
    verdict: str,
    count: int,
) -> None:
    periods = {"a": (Period(1.0, 2.0, FAKE, FAKE),), "b": (Period(0.5, 1.5),)}
    timelines = {"a": (timeline_with_peak(25, 50),), "b": (timeline_with_peak(12, 38),)}
    found = localisation(timelines, periods, verdict)  # type: ignore[arg-type]
    assert found is not None and found.videos == count
    # With label 0, the frames that were found in b would all be wrong.
    assert found.frame_auc is not None and found.frame_auc > 0.98
    assert found.average_precision["0.5"] == 1.0


def test_the_figures_are_a_document() -> None:
    periods = {"a": (Period(1.0, 2.0, FAKE, FAKE),)}
    found = localisation({"a": (timeline_with_peak(25, 50),)}, periods, "video")
    assert found is not None
    assert set(found.as_dict()["average_precision"]) == {"0.5", "0.75", "0.9", "0.95"}
    assert set(found.as_dict()["average_recall"]) == {
        "100",
        "50",
        "30",
        "20",
        "10",
        "5",
    }
