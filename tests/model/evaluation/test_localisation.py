"""Intervals in timelines and how they meet true ones, against plain loops over the definitions."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import Period
from avdf.model.evaluation.localisation import (
    AR_OVERLAPS,
    Localisation,
    average_precision,
    average_recall,
    localisation,
)
from avdf.model.evaluation.proposals import proposals, suspect_intervals
from avdf.model.evaluation.time_interval import TimeInterval, overlap
from avdf.model.inference.timeline import Timeline
from avdf.model.verdicts import Verdict
from tests.helpers.timelines import timeline, timeline_with_peak

Intervals = tuple[TimeInterval, ...]
ByVideo = dict[str, Intervals]

Pairs = dict[str, tuple[Intervals, Intervals]]
"""Proposals and true intervals of each video."""


def interval_of(start: int, length: int, score: int) -> TimeInterval:
    """Start, length and score in tenths: ties and touching intervals are likely."""
    return TimeInterval(start / 10, (start + length) / 10, score / 10)


def by_falling_score(found: list[TimeInterval]) -> Intervals:
    return tuple(sorted(found, key=lambda one: -one.score))


intervals = st.builds(
    interval_of,
    st.integers(0, 40),
    st.integers(1, 20),
    st.integers(0, 9),
)
sorted_intervals = st.lists(intervals, max_size=6).map(by_falling_score)
videos = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(sorted_intervals, sorted_intervals),
    min_size=1,
)


# The definitions, as plain loops


def intersection_over_union(one: TimeInterval, other: TimeInterval) -> float:
    inner = min(one.end, other.end) - max(one.start, other.start)
    # Of intervals that do not meet, this counts the gap too; their intersection is 0.
    outer = max(one.end, other.end) - min(one.start, other.start)
    return max(0.0, inner) / outer


def plain_hits(
    guesses: Intervals,
    truth: Intervals,
    level: float,
) -> list[bool]:
    """Whether each guess hits: a true interval takes the first guess that is free."""
    used = [False] * len(guesses)
    for true in truth:
        for index, guess in enumerate(guesses):
            is_near = intersection_over_union(guess, true) > level
            if is_near and not used[index]:
                used[index] = True
                break
    return used


def hits_by_rank(
    found: ByVideo,
    truth: ByVideo,
    level: float,
) -> list[bool]:
    """Whether each guess hits, of all videos together, the surest first."""
    marks: list[tuple[float, bool]] = []
    for name, guesses in found.items():
        used = plain_hits(guesses, truth[name], level)
        for guess, hit in zip(guesses, used, strict=True):
            marks.append((guess.score, hit))
    marks.sort(key=lambda mark: -mark[0])
    return [hit for _, hit in marks]


def plain_precision(
    found: ByVideo,
    truth: ByVideo,
    level: float,
) -> float:
    """Match, sort, and integrate a precision that never falls towards lower recall."""
    total = sum(len(own) for own in truth.values())
    recalls = []
    precisions = []
    hits = 0
    for rank, hit in enumerate(hits_by_rank(found, truth, level), 1):
        hits += hit
        recalls.append(hits / total)
        precisions.append(hits / rank)
    area = before = 0.0
    for index, recall in enumerate(recalls):
        best_from_here_on = max(precisions[index:])
        area += (recall - before) * best_from_here_on
        before = recall
    return area


def plain_recall(found: ByVideo, truth: ByVideo, most: int) -> float:
    """Of all true intervals, the share that one of the first guesses meets; mean over levels."""
    shares = []
    for level in AR_OVERLAPS:
        hits = []
        for name, own in truth.items():
            for true in own:
                overlaps = [
                    intersection_over_union(guess, true) for guess in found[name][:most]
                ]
                hits.append(any(share > level for share in overlaps))
        shares.append(sum(hits) / len(hits))
    return float(np.mean(shares))


def split_pairs(pairs: Pairs) -> tuple[ByVideo, ByVideo]:
    """What was found in each video, and what is true of it."""
    found = {name: pair[0] for name, pair in pairs.items()}
    truth = {name: pair[1] for name, pair in pairs.items()}
    return found, truth


@given(videos, st.sampled_from([0.5, 0.75, 0.95]))
def test_average_precision_is_its_definition(pairs: Pairs, level: float) -> None:
    found, truth = split_pairs(pairs)
    measured = average_precision(found, truth, level)
    if any(truth.values()):
        expected = plain_precision(found, truth, level)
        assert measured == pytest.approx(expected)
    else:
        assert np.isnan(measured)


@given(videos, st.sampled_from([1, 2, 5]))
def test_average_recall_is_its_definition(pairs: Pairs, most: int) -> None:
    found, truth = split_pairs(pairs)
    measured = average_recall(found, truth, most)
    if any(truth.values()):
        expected = plain_recall(found, truth, most)
        assert measured == pytest.approx(expected)
    else:
        assert np.isnan(measured)


# Intervals


def test_an_interval_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="an interval from 2 s to 2 s"):
        TimeInterval(2, 2, 1.0)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1.0, 2.0, 1.0),  # the same
        (1.5, 2.5, 1 / 3),  # 0.5 s of 1.5 s
        (1.25, 1.75, 0.5),  # inside
        (2.0, 3.0, 0.0),  # they touch
        (5.0, 6.0, 0.0),  # far away
    ],
)
def test_overlap_is_intersection_over_union(
    start: float,
    end: float,
    expected: float,
) -> None:
    found = TimeInterval(1.0, 2.0, 0.9)
    other = TimeInterval(start, end, 0.1)
    assert overlap(found, other) == pytest.approx(expected)
    assert overlap(other, found) == pytest.approx(expected)


# Suspect intervals


LOW = [0.1]
NOT_JUDGED = [float("nan")]


def test_suspect_intervals_close_short_gaps() -> None:
    high, gap, high_again = [0.9] * 10, [0.2] * 3, [0.8] * 5
    suspect = high + gap + high_again
    values = LOW * 10 + suspect + LOW * 20

    (found,) = suspect_intervals([timeline(values, 1.0)], "visual", 0.5)

    # Frames 10 to 28 of a timeline that begins at 1 s, at 25 frames a second.
    assert found.start == pytest.approx(1.4)
    assert found.end == pytest.approx(2.12)
    assert found.score == pytest.approx(np.mean(suspect))


def test_suspect_intervals_leave_out_runs_of_two_frames() -> None:
    values = LOW * 20 + [0.9] * 2 + LOW * 20
    assert suspect_intervals([timeline(values)], "visual", 0.5) == ()


def test_a_verdict_that_was_not_judged_has_no_suspect_interval() -> None:
    not_judged = timeline(NOT_JUDGED * 20)
    assert suspect_intervals([not_judged], "audio", 0.5) == ()


# Proposals


def test_the_surest_proposal_is_the_peak() -> None:
    values = LOW * 40 + [0.95] * 15 + LOW * 40
    best, *others = proposals([timeline(values)], "video")
    # Frames 40 to 55 at 25 frames a second.
    assert best.start == pytest.approx(1.6)
    assert best.end == pytest.approx(2.2)
    assert all(one.score <= best.score for one in others)


def test_proposals_do_not_repeat_each_other() -> None:
    rising = np.linspace(0, 1, 60)
    falling = np.linspace(1, 0, 60)
    ramp = np.concatenate([rising, falling])
    found = proposals([timeline(ramp.tolist())], "video")
    for one, other in combinations(found, 2):
        assert overlap(one, other) <= 0.75


def test_no_more_proposals_are_made_than_are_asked_for() -> None:
    five_peaks = (LOW * 20 + [0.9] * 20) * 5
    found = proposals([timeline(five_peaks)], "video", most=3)
    assert len(found) == 3


# Figures


Timelines = dict[str, tuple[Timeline, ...]]
Periods = dict[str, tuple[Period, ...]]


def measured(
    timelines: Timelines,
    periods: Periods,
    verdict: Verdict,
) -> Localisation:
    """The figures, which there are."""
    found = localisation(timelines, periods, verdict)
    assert found is not None
    return found


@pytest.fixture
def perfect() -> Localisation:
    """The figures of a fake video whose period is found, and of a real one."""
    forged = timeline([0.05] * 50 + [0.95] * 25 + [0.05] * 50)
    genuine = timeline([0.05] * 100)
    timelines: Timelines = {"fake": (forged,), "real": (genuine,)}
    # Frames 50 to 75.
    period = Period(2.0, 3.0, visual=FAKE, audio=REAL)
    return measured(timelines, {"fake": (period,)}, "visual")


def test_figures_count_videos_and_periods(perfect: Localisation) -> None:
    assert perfect.videos == 2
    assert perfect.periods == 1


def test_a_perfect_timeline_finds_its_periods(perfect: Localisation) -> None:
    assert perfect.frame_auc == 1.0
    assert set(perfect.average_precision.values()) == {1.0}
    assert set(perfect.average_recall.values()) == {1.0}


def test_a_verdict_without_manipulated_periods_is_not_measured() -> None:
    only_frames = Period(2.0, 3.0, visual=FAKE, audio=REAL)
    timelines = {"fake": (timeline_with_peak(50, 75),)}
    assert localisation(timelines, {"fake": (only_frames,)}, "audio") is None


def test_a_verdict_that_was_not_judged_is_not_measured() -> None:
    period = Period(2.0, 3.0, visual=FAKE, audio=FAKE)
    timelines = {"fake": (timeline(NOT_JUDGED * 100),)}
    assert localisation(timelines, {"fake": (period,)}, "audio") is None


# Video a is found (frames 25 to 50), and video b may have no timeline.
FOUND_IN_A: Timelines = {"a": (timeline_with_peak(25, 50),)}
PERIOD_OF_A = Period(1.0, 2.0, FAKE, FAKE)
PERIODS: Periods = {
    "a": (PERIOD_OF_A,),
    "b": (Period(0.5, 1.5, FAKE, REAL),),
}


def test_a_forged_video_without_a_timeline_is_counted() -> None:
    found = measured(FOUND_IN_A, PERIODS, "video")
    assert found.videos == 2
    assert found.unscored == 1
    assert found.periods == 2


def test_a_forged_video_without_a_timeline_misses_its_periods() -> None:
    found = measured(FOUND_IN_A, PERIODS, "video")
    assert found.average_precision["0.5"] == pytest.approx(0.5)
    assert found.average_recall["5"] <= 0.5


def test_a_video_whose_modality_is_real_has_no_period_to_miss() -> None:
    assert measured(FOUND_IN_A, PERIODS, "audio").unscored == 0


@pytest.mark.parametrize(
    ("verdict", "count"),
    [
        ("video", 2),
        ("visual", 1),
        ("audio", 1),
    ],
)
def test_a_video_of_unknown_modalities_takes_no_part_in_their_figures(
    verdict: Verdict,
    count: int,
) -> None:
    unknown = Period(0.5, 1.5)
    periods: Periods = {"a": (PERIOD_OF_A,), "b": (unknown,)}
    timelines = {**FOUND_IN_A, "b": (timeline_with_peak(12, 38),)}

    found = measured(timelines, periods, verdict)

    assert found.videos == count
    # With label 0, the frames that were found in b would all be wrong.
    assert found.frame_auc is not None
    assert found.frame_auc > 0.98
    assert found.average_precision["0.5"] == 1.0


def test_the_figures_are_a_document() -> None:
    periods: Periods = {"a": (PERIOD_OF_A,)}
    found = measured(FOUND_IN_A, periods, "video")
    document = found.as_dict()
    # The overlaps and the numbers of proposals for which benchmarks print figures.
    overlaps = {"0.5", "0.75", "0.9", "0.95"}
    numbers = {"100", "50", "30", "20", "10", "5"}
    assert set(document["average_precision"]) == overlaps
    assert set(document["average_recall"]) == numbers
