"""Scores of segments: cut, joined, spread, and without audio."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from avdf.model.inference.segments import SegmentScores, join_segments, or_none
from avdf.model.synchrony.offset_curves import OffsetCurves
from avdf.model.verdicts import PerVerdict, as_columns

NAN = math.nan
ALL = ("visual", "audio", "video", "matching")
FRAMES = 16  # of a segment


def random_segments(owner: list[int], seed: int = 0) -> SegmentScores:
    """A segment for each video of `owner`."""
    generator = np.random.default_rng(seed)
    count = len(owner)
    fake = PerVerdict.of(lambda _: generator.random(count))
    distances = generator.random((count, FRAMES))
    return SegmentScores(np.array(owner, np.int64), fake, distances)


@pytest.fixture
def segments() -> SegmentScores:
    """Two segments of video 0, one of video 1, one of video 2."""
    return random_segments([0, 0, 1, 2])


def mask(bits: str) -> npt.NDArray[np.bool_]:
    """Which segments are chosen, one digit each."""
    return np.array([bit == "1" for bit in bits])


def missing(values: npt.NDArray[np.floating[Any]]) -> str:
    """Which values are not there, one digit each."""
    return "".join("1" if math.isnan(value) else "0" for value in values)


def assert_same(one: SegmentScores, other: SegmentScores) -> None:
    np.testing.assert_array_equal(one.video, other.video)
    np.testing.assert_array_equal(as_columns(one.fake), as_columns(other.fake))
    np.testing.assert_array_equal(one.distances, other.distances)


# Shapes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fake", PerVerdict(np.zeros(2), np.zeros(3), np.zeros(2))),
        ("fake", PerVerdict.same(np.zeros((2, 1)))),
        ("distances", np.zeros((2, FRAMES - 1))),
        ("distances", np.zeros((3, FRAMES))),
    ],
)
def test_arrays_of_other_shapes_are_refused(name: str, value: Any) -> None:
    parts: dict[str, Any] = {
        "video": np.zeros(2, np.int64),
        "fake": PerVerdict.same(np.zeros(2)),
        "distances": np.zeros((2, FRAMES)),
    }
    parts[name] = value
    with pytest.raises(ValueError, match=rf"{name}.* has shape .*, expected \(2,"):
        SegmentScores(**parts)


@pytest.mark.parametrize("index", range(4))
def test_the_distance_of_a_segment_is_the_mean_of_its_frames(
    index: int,
    segments: SegmentScores,
) -> None:
    wanted = sum(segments.distances[index]) / FRAMES
    assert segments.distance[index] == pytest.approx(wanted)


# Cut and joined


def test_chosen_segments_keep_their_order(segments: SegmentScores) -> None:
    found = segments.chosen(mask("1010"))
    assert found.video.tolist() == [0, 1]
    audio = segments.fake.audio
    assert found.fake.audio.tolist() == [audio[0], audio[2]]


def test_parts_are_joined_one_after_another(segments: SegmentScores) -> None:
    first = segments.chosen(mask("1100"))
    second = segments.chosen(mask("0011"))
    assert_same(join_segments([first, second]), segments)


def test_no_parts_are_no_segments() -> None:
    assert_same(join_segments([]), SegmentScores.empty())


# Spread


def test_spread_scores_stand_where_the_mask_is(segments: SegmentScores) -> None:
    scored = mask("011011")
    owner = [0, 0, 0, 1, 1, 2]

    found = segments.spread(scored, owner)

    assert found.video.tolist() == owner
    np.testing.assert_array_equal(found.fake.video[scored], segments.fake.video)


def test_spread_scores_are_missing_elsewhere(segments: SegmentScores) -> None:
    scored = mask("011011")
    found = segments.spread(scored, [0, 0, 0, 1, 1, 2])
    assert np.isnan(found.fake.visual[~scored]).all()
    assert np.isnan(found.distances[~scored]).all()


def test_scores_of_all_segments_are_not_spread(segments: SegmentScores) -> None:
    assert segments.spread(mask("1111"), [0, 0, 1, 2]) is segments


# Without audio


def test_a_video_without_audio_is_judged_by_its_frames(segments: SegmentScores) -> None:
    found = segments.without_audio([1])
    # The third segment is the only one of video 1.
    assert missing(found.fake.audio) == "0010"
    assert missing(found.fake.video) == "0010"
    assert missing(found.distance) == "0010"
    np.testing.assert_array_equal(found.fake.visual, segments.fake.visual)


def test_without_audio_the_given_scores_stay_as_they_are(
    segments: SegmentScores,
) -> None:
    segments.without_audio([0, 1, 2])
    assert np.isfinite(as_columns(segments.fake)).all()
    assert np.isfinite(segments.distances).all()


def test_where_every_video_has_audio_nothing_changes(segments: SegmentScores) -> None:
    assert segments.without_audio([]) is segments


# Finite


@pytest.mark.parametrize(
    ("trained", "expected"),
    [
        (ALL, [True, False, False]),
        (("audio", "video"), [True, True, False]),
        (("video", "matching"), [True, True, True]),
    ],
)
def test_a_segment_is_finite_in_all_verdicts_that_were_trained(
    trained: tuple[Any, ...],
    expected: list[bool],
) -> None:
    # The second segment has no visual score, the third none of audio.
    fake = PerVerdict(
        visual=np.array([0.5, NAN, 0.5]),
        audio=np.array([0.5, 0.5, NAN]),
        video=np.full(3, 0.5),
    )
    one_video = np.zeros(3, np.int64)
    segments = SegmentScores(one_video, fake, np.zeros((3, FRAMES)))
    assert segments.finite(trained).tolist() == expected


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (NAN, None),
        (0.0, 0.0),
        (0.25, 0.25),
    ],
)
def test_nan_becomes_none(value: float, wanted: float | None) -> None:
    assert or_none(value) == wanted


# Curves


def curves_of(count: int) -> OffsetCurves:
    """Curves of which number n has distances of n + 1, of 16 pairs."""
    sums = np.repeat(np.arange(1.0, count + 1)[:, None] * 16, 51, axis=1)
    pairs = np.full((count, 51), 16, np.int32)
    return OffsetCurves(sums.astype(np.float32), pairs)


def numbers(found: SegmentScores) -> list[float]:
    """The distance at each curve's middle, which is its number; 0 where it is not known."""
    return [float(one) for one in np.nan_to_num(found.curves.distance[:, 25])]


@pytest.fixture
def with_curves(segments: SegmentScores) -> SegmentScores:
    return replace(segments, curves=curves_of(4))


def test_curves_go_with_their_segments(with_curves: SegmentScores) -> None:
    some = with_curves.chosen(mask("0110"))
    assert numbers(some) == [2, 3]
    assert numbers(join_segments([some, with_curves])) == [2, 3, 1, 2, 3, 4]
    assert numbers(some.spread(mask("10010"), [0, 0, 1, 1, 2])) == [2, 0, 0, 3, 0]
    assert numbers(with_curves.of_video(9)) == [1, 2, 3, 4]


def test_videos_without_audio_have_no_curves(with_curves: SegmentScores) -> None:
    assert numbers(with_curves.without_audio([0, 2])) == [0, 0, 3, 0]
    assert numbers(with_curves) == [1, 2, 3, 4]


def test_segments_that_nobody_compared_have_unknown_curves(
    segments: SegmentScores, with_curves: SegmentScores
) -> None:
    assert len(segments.curves.sums) == 4 and not segments.curves.is_known.any()
    assert numbers(join_segments([segments, with_curves])) == [0] * 4 + [1, 2, 3, 4]


def test_curves_of_other_segments_are_refused(segments: SegmentScores) -> None:
    with pytest.raises(ValueError, match="curves has shape"):
        replace(segments, curves=curves_of(3))
