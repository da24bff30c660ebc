"""From the scores of segments to the score of a video, against plain loops."""

import math
from dataclasses import replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.model.inference.aggregate import (
    Aggregate,
    aggregate,
    video_distances,
)
from avdf.model.inference.segments import SegmentScores
from avdf.model.verdicts import VERDICTS, PerVerdict, Verdict

Probabilities = npt.NDArray[np.float64]

HOWS: tuple[Aggregate, ...] = get_args(Aggregate)


VIDEOS = 5


def segments_of(owner: list[int], fake: PerVerdict[Probabilities]) -> SegmentScores:
    """Segments of these videos, whose distances are 0."""
    distances = np.zeros((len(owner), 16))
    return SegmentScores(np.array(owner, np.int64), fake, distances)


def random_segments(owner: list[int], seed: int) -> SegmentScores:
    generator = np.random.default_rng(seed)
    fake = PerVerdict.of(lambda _: generator.random(len(owner)))
    return segments_of(owner, fake)


# The aggregates, as plain functions of a video's scores


def plain_logit(p: float) -> float:
    return math.log(p / (1 - p))


def plain_sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def plain_mean(values: list[float]) -> float:
    return sum(values) / len(values)


def plain_top(values: list[float]) -> float:
    count = math.ceil(len(values) / 4)
    return plain_mean(sorted(values)[-count:])


def plain_of_logits(values: list[float]) -> float:
    return plain_sigmoid(plain_mean([plain_logit(p) for p in values]))


def plain_log_mean_exp(values: list[float]) -> float:
    powers = [math.exp(plain_logit(p)) for p in values]
    return plain_sigmoid(math.log(plain_mean(powers)))


PLAIN = {
    "mean": plain_mean,
    "logit": plain_of_logits,
    "top": plain_top,
    "lse": plain_log_mean_exp,
}


@pytest.mark.parametrize("how", HOWS)
@given(
    owner=st.lists(st.integers(0, VIDEOS - 1), min_size=1, max_size=60),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_each_video_has_the_aggregate_of_its_own_segments(
    how: Aggregate,
    owner: list[int],
    seed: int,
) -> None:
    segments = random_segments(owner, seed)
    found = aggregate(segments, VIDEOS, how)
    for verdict in VERDICTS:
        for video in set(owner):
            is_own = segments.video == video
            own = segments.fake[verdict][is_own].tolist()
            wanted = PLAIN[how](own)
            assert found[verdict][video] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("how", HOWS)
@given(
    owner=st.lists(st.integers(0, VIDEOS - 1), min_size=1, max_size=60),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_a_video_without_segments_has_no_aggregate(
    how: Aggregate,
    owner: list[int],
    seed: int,
) -> None:
    found = aggregate(random_segments(owner, seed), VIDEOS, how)
    for verdict in VERDICTS:
        for video in set(range(VIDEOS)) - set(owner):
            assert math.isnan(found[verdict][video])


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("how", HOWS)
def test_an_aggregate_lies_between_the_segments(
    how: Aggregate,
    verdict: Verdict,
) -> None:
    segments = random_segments([0] * 20, 1)
    values = segments.fake[verdict]
    (found,) = aggregate(segments, 1, how)[verdict]
    assert values.min() <= found <= values.max()


@pytest.mark.parametrize("verdict", VERDICTS)
def test_log_mean_exp_is_at_least_the_mean_of_logits(verdict: Verdict) -> None:
    """Jensen's inequality: the exponential function is convex."""
    segments = random_segments([0] * 20, 2)
    (high,) = aggregate(segments, 1, "lse")[verdict]
    (low,) = aggregate(segments, 1, "logit")[verdict]
    assert high >= low


@pytest.mark.parametrize("how", HOWS)
def test_segments_that_are_certain_have_a_finite_aggregate(how: Aggregate) -> None:
    certain = np.array([0.0, 1.0, 1.0])
    segments = segments_of([0, 0, 0], PerVerdict.same(certain))
    assert np.isfinite(aggregate(segments, 1, how).video[0])


@pytest.mark.parametrize("how", HOWS)
def test_a_verdict_without_scores_stays_without(how: Aggregate) -> None:
    known = np.array([0.5])
    missing = np.array([math.nan])
    fake = PerVerdict(visual=known, audio=missing, video=known)
    found = aggregate(segments_of([0], fake), 1, how)
    assert np.isfinite(found.visual[0])
    assert math.isnan(found.audio[0])


# Distances


@pytest.fixture
def owner() -> list[int]:
    """The videos of 40 segments."""
    drawn = np.random.default_rng(0).integers(0, VIDEOS, 40)
    return [int(video) for video in drawn]


@pytest.fixture
def with_distances(owner: list[int]) -> SegmentScores:
    """Segments with random distances between the features of their frames."""
    generator = np.random.default_rng(1)
    segments = random_segments(owner, 0)
    return replace(segments, distances=generator.random((len(owner), 16)))


@pytest.mark.parametrize("video", range(VIDEOS))
def test_the_distance_of_a_video_is_the_mean_of_its_segments(
    video: int,
    owner: list[int],
    with_distances: SegmentScores,
) -> None:
    distances, _ = video_distances(with_distances, VIDEOS)
    own = []
    for distance, of in zip(with_distances.distance, owner, strict=True):
        if of == video:
            own.append(float(distance))
    assert distances[video] == pytest.approx(plain_mean(own))


def test_segments_of_each_video_are_counted(
    owner: list[int],
    with_distances: SegmentScores,
) -> None:
    _, counts = video_distances(with_distances, VIDEOS)
    assert counts.tolist() == [owner.count(video) for video in range(VIDEOS)]


def test_a_video_without_segments_has_no_distance() -> None:
    distances, counts = video_distances(random_segments([0, 1, 2], 0), 4)
    assert math.isnan(distances[3])
    assert counts[3] == 0


def test_an_unknown_aggregate_is_refused() -> None:
    with pytest.raises(SettingsError, match="use one of mean, logit, top, lse"):
        aggregate(random_segments([0], 0), 1, "median")  # type: ignore[arg-type]
