"""Scores of segments: cut, joined, spread, and without audio."""

import math
from typing import Any

import numpy as np
import pytest

from avdf.model.inference.segments import SegmentScores, join_segments, or_none
from avdf.model.verdicts import PerVerdict, as_columns

ALL = ("visual", "audio", "video", "matching")


def random_segments(owner: list[int], seed: int = 0) -> SegmentScores:
    generator = np.random.default_rng(seed)
    count = len(owner)
    fake = PerVerdict.of(lambda _: generator.random(count))
    return SegmentScores(np.array(owner, np.int64), fake, generator.random((count, 16)))


@pytest.fixture
def segments() -> SegmentScores:
    return random_segments([0, 0, 1, 2])


def assert_same(one: SegmentScores, other: SegmentScores) -> None:
    np.testing.assert_array_equal(one.video, other.video)
    np.testing.assert_array_equal(as_columns(one.fake), as_columns(other.fake))
    np.testing.assert_array_equal(one.distances, other.distances)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fake", PerVerdict(np.zeros(2), np.zeros(3), np.zeros(2))),
        ("fake", PerVerdict.same(np.zeros((2, 1)))),
        ("distances", np.zeros((2, 15))),
        ("distances", np.zeros((3, 16))),
    ],
)
def test_arrays_of_other_shapes_are_refused(name: str, value: Any) -> None:
    parts = {
        "video": np.zeros(2, np.int64),
        "fake": PerVerdict.same(np.zeros(2)),
        "distances": np.zeros((2, 16)),
        name: value,
    }
    with pytest.raises(ValueError, match=rf"{name}.* has shape .*, expected \(2,"):
        SegmentScores(**parts)


def test_the_distance_of_a_segment_is_the_mean_of_its_frames(
    segments: SegmentScores,
) -> None:
    for index in range(4):
        wanted = sum(segments.distances[index]) / 16
        assert segments.distance[index] == pytest.approx(wanted)


def test_chosen_segments_keep_their_order(segments: SegmentScores) -> None:
    found = segments.chosen(np.array([True, False, True, False]))
    assert found.video.tolist() == [0, 1]
    assert found.fake.audio.tolist() == segments.fake.audio[[0, 2]].tolist()


def test_parts_are_joined_one_after_another(segments: SegmentScores) -> None:
    first = np.array([True, True, False, False])
    parts = [segments.chosen(first), segments.chosen(~first)]
    assert_same(join_segments(parts), segments)


def test_no_parts_are_no_segments() -> None:
    assert_same(join_segments([]), SegmentScores.empty())


def test_spread_scores_stand_where_the_mask_is(segments: SegmentScores) -> None:
    mask = np.array([False, True, True, False, True, True])
    found = segments.spread(mask, [0, 0, 0, 1, 1, 2])
    assert found.video.tolist() == [0, 0, 0, 1, 1, 2]
    np.testing.assert_array_equal(found.fake.video[mask], segments.fake.video)
    assert np.isnan(found.fake.visual[~mask]).all()
    assert np.isnan(found.distances[~mask]).all()


def test_scores_of_all_segments_are_not_spread(segments: SegmentScores) -> None:
    assert segments.spread(np.ones(4, bool), [0, 0, 1, 2]) is segments


def test_a_video_without_audio_is_judged_by_its_frames(segments: SegmentScores) -> None:
    found = segments.without_audio([1])
    assert np.isnan(found.fake.audio).tolist() == [False, False, True, False]
    assert np.isnan(found.fake.video).tolist() == [False, False, True, False]
    assert np.isnan(found.distance).tolist() == [False, False, True, False]
    np.testing.assert_array_equal(found.fake.visual, segments.fake.visual)


def test_without_audio_the_given_scores_stay_as_they_are(
    segments: SegmentScores,
) -> None:
    segments.without_audio([0, 1, 2])
    assert np.isfinite(as_columns(segments.fake)).all()
    assert np.isfinite(segments.distances).all()


def test_where_every_video_has_audio_nothing_changes(segments: SegmentScores) -> None:
    assert segments.without_audio([]) is segments


def test_a_segment_is_finite_in_all_verdicts_that_were_trained() -> None:
    nan = math.nan
    fake = PerVerdict(
        np.array([0.5, nan, 0.5]), np.array([0.5, 0.5, nan]), np.full(3, 0.5)
    )
    segments = SegmentScores(np.zeros(3, np.int64), fake, np.zeros((3, 16)))
    assert segments.finite(ALL).tolist() == [True, False, False]
    assert segments.finite(("audio", "video")).tolist() == [True, True, False]
    assert segments.finite(("video", "matching")).tolist() == [True, True, True]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (math.nan, None),
        (0.0, 0.0),
        (0.25, 0.25),
    ],
)
def test_nan_becomes_none(value: float, wanted: float | None) -> None:
    assert or_none(value) == wanted
