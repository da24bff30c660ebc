"""The ranges of the measures of reference videos."""

import json

import numpy as np
import pytest

from avdf.cache.core.video_measures import VideoMeasures
from avdf.model.likelihood.reference_videos import (
    CodecCounts,
    MeasureRange,
    ReferenceVideos,
    summarise,
)


def measured(count: int) -> list[VideoMeasures]:
    sides = np.random.default_rng(0).permutation(count) + 100.0
    return [VideoMeasures(2.0, face_side=side) for side in sides.tolist()]


@pytest.mark.parametrize("count", [1, 2, 20, 100, 1000])
def test_quantiles_are_values_of_videos_with_so_many_outside(count: int) -> None:
    reference = summarise(measured(count))
    assert reference is not None
    found = reference.ranges["face_side"]
    values = sorted(100.0 + number for number in range(count))
    outside = sum(value < found.least or value > found.most for value in values)
    assert {found.least, found.most} <= set(values)
    # Up to 100 videos, none lies outside.
    assert outside == (0 if count <= 100 else 2 * (count // 100 - 1))
    assert found.quantiles[2] == np.median(values)


def test_videos_without_a_measure_do_not_count_for_it() -> None:
    reference = summarise([VideoMeasures(2.0, loudness=-20.0), VideoMeasures(3.0)])
    assert reference is not None
    counts = {name: one.count for name, one in reference.ranges.items()}
    assert reference.videos == 2 and counts == {"length": 2, "loudness": 1}
    assert summarise([]) is None


def test_codecs_are_counted() -> None:
    known = VideoMeasures(2.0, video_codec="h264", audio_codec="aac")
    silent = VideoMeasures(2.0, video_codec="vp9")
    reference = summarise([known, silent, known, VideoMeasures(2.0)])
    assert reference is not None
    assert reference.codecs == {
        "video_codec": CodecCounts({"h264": 2, "vp9": 1}),
        "audio_codec": CodecCounts({"aac": 2}),
    }
    assert reference.codecs["video_codec"].count == 3


@pytest.mark.parametrize("counts", [{}, {"h264": 0}, {"h264": 3, "vp9": -1}])
def test_impossible_counts_of_codecs_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="codecs of reference videos"):
        CodecCounts(counts)


def test_a_run_of_an_earlier_version_has_no_codecs() -> None:
    reference = summarise(measured(7))
    assert reference is not None
    content = json.loads(json.dumps(reference.as_dict()))
    del content["codecs"]
    assert ReferenceVideos.from_dict(content).codecs == {}


def test_it_comes_back_from_json() -> None:
    reference = summarise([*measured(7), VideoMeasures(2.0, video_codec="h264")])
    assert reference is not None
    content = json.loads(json.dumps(reference.as_dict()))
    assert ReferenceVideos.from_dict(content) == reference


@pytest.mark.parametrize(
    ("count", "quantiles"),
    [(0, (1.0, 1.0, 1.0, 1.0, 1.0)), (3, (1.0, 2.0)), (3, (1.0, 2.0, 1.5, 3.0, 4.0))],
)
def test_impossible_values_are_refused(
    count: int, quantiles: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="quantiles"):
        MeasureRange(count, quantiles)
