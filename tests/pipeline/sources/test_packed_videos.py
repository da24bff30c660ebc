"""Packed videos are those that were added, and take little memory."""

import tracemalloc
from collections.abc import Iterator

import pytest

from avdf.cache.core.video import Period, VideoInfo
from avdf.pipeline.sources.packed_videos import PackedVideos


def videos(count: int) -> Iterator[VideoInfo]:
    for number in range(count):
        yield VideoInfo(
            id=f"train/id{number // 100:05d}/{number:08d}/both_modified.mp4",
            path=f"/data/AV-Deepfake1M/train/id{number // 100:05d}/{number:08d}/both.mp4",
            split="train",
            identity=f"id{number // 100:05d}",
            label=number % 2,
            periods=(Period(0.5, 1.25 + number, 1, 0),) * (number % 3),
            synthetic=number % 5 == 0,
        )


@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 1500])
def test_they_come_back_as_they_were(count: int) -> None:
    expected = tuple(videos(count))
    packed = PackedVideos(videos(count))
    assert len(packed) == count
    assert tuple(packed) == expected
    assert [packed[place] for place in range(count)] == list(expected)
    assert packed == expected


def test_places_count_from_both_ends() -> None:
    packed, expected = PackedVideos(videos(1500)), tuple(videos(1500))
    assert packed[-1] == expected[-1]
    assert packed[500:520] == expected[500:520]
    assert packed[::-700] == expected[::-700]
    with pytest.raises(IndexError):
        packed[1500]


def test_other_videos_are_not_equal() -> None:
    assert PackedVideos(videos(3)) != PackedVideos(videos(4))
    assert PackedVideos(videos(2)) != [*videos(1), VideoInfo("x", "x")]
    assert PackedVideos() != "nothing"


def test_a_video_takes_less_than_a_hundred_bytes() -> None:
    tracemalloc.start()
    try:
        packed = PackedVideos(videos(20_000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # As objects they take more than a kilobyte each; some 500 of them are not packed yet.
    assert held - 500 * 1500 < 100 * len(packed)
