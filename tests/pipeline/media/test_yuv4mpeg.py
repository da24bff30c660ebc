"""Frames in the format YUV4MPEG2 are read from a pipe, also where it is cut off."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.yuv4mpeg import FrameReader

HEADER = (
    b"YUV4MPEG2 W5 H3 F25:1 Ip A1:1 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=LIMITED\n"
)
PLANES = np.arange(5 * 3 + 2 * 3 * 2, dtype=np.uint8)  # Y of 3 x 5, Cb and Cr of 2 x 3
FRAME = b"FRAME\n" + PLANES.tobytes()


class SlowPipe(io.RawIOBase):
    """Gives its data in pieces of a few bytes, as a pipe may."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self.data.read(min(len(buffer), 4))
        buffer[: len(piece)] = piece
        return len(piece)


def reader(data: bytes, planes: str = "yuv420p") -> FrameReader:
    media = MediaInfo(Path("a.mp4"), "ffmpeg", 0, 1, 5, 3, 0.0, 0.0, planes, "bt709")

    def wait(read: Callable[[], int | None]) -> int | None:
        return read()

    return FrameReader(SlowPipe(data), media, wait)


def test_planes_have_the_sizes_of_the_header() -> None:
    frame = reader(HEADER + FRAME).read(7)
    assert frame is not None
    assert frame.row == 7
    assert [plane.shape for plane in frame.planes] == [(3, 5), (2, 3), (2, 3)]
    joined = np.concatenate([plane.ravel() for plane in frame.planes])
    np.testing.assert_array_equal(joined, PLANES)


def test_chroma_of_444_has_full_size() -> None:
    data = HEADER + b"FRAME\n" + bytes(3 * 15)
    frame = reader(data, "yuv444p").read(0)
    assert frame is not None
    assert {plane.shape for plane in frame.planes} == {(3, 5)}


@pytest.mark.parametrize(
    ("word", "full"),
    [
        (b"LIMITED", False),
        (b"FULL", True),
    ],
)
def test_the_header_says_the_range_of_luma(word: bytes, full: bool) -> None:
    frame = reader(HEADER.replace(b"LIMITED", word) + FRAME).read(0)
    assert frame is not None
    assert frame.colour.full_range is full
    assert frame.colour.matrix == "bt709"


def test_after_the_last_frame_there_is_none() -> None:
    frames = reader(HEADER + FRAME + FRAME)
    assert [frames.read(row) is not None for row in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    "length", [0, 10, len(HEADER), len(HEADER) + 3, len(HEADER + FRAME) - 1]
)
def test_a_stream_that_is_cut_off_ends(length: int) -> None:
    assert reader((HEADER + FRAME)[:length]).read(0) is None


def test_a_header_without_an_end_is_not_read_for_ever() -> None:
    assert reader(b"YUV4MPEG2 " + b"x" * 5000).read(0) is None
