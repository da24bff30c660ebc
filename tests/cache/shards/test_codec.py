"""Encoding and decoding of face crops; hostile bytes are refused before they are decoded."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.shards.codec import CodecName, FrameCodec, decode_frame, largest_crop

SIZE = 32


@pytest.fixture
def image() -> npt.NDArray[np.uint8]:
    """A colour gradient."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] * 8
    return np.stack([rows, columns, np.full_like(rows, 100)], axis=2).astype(np.uint8)


def as_array(data: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


@pytest.mark.parametrize("codec", ["png", "raw"])
def test_png_and_raw_are_lossless(
    codec: CodecName,
    image: npt.NDArray[np.uint8],
) -> None:
    data = as_array(FrameCodec(codec).encode(image))
    np.testing.assert_array_equal(decode_frame(data, codec, SIZE), image)


def test_jpeg_is_close_to_the_image(image: npt.NDArray[np.uint8]) -> None:
    data = as_array(FrameCodec().encode(image))
    difference = decode_frame(data, "jpeg", SIZE).astype(int) - image
    assert np.abs(difference).mean() < 2


@pytest.mark.parametrize("codec", ["jpeg", "png", "raw"])
def test_a_crop_can_be_decoded_into_a_given_array(
    codec: CodecName,
    image: npt.NDArray[np.uint8],
) -> None:
    data = as_array(FrameCodec(codec).encode(image))
    out = np.zeros_like(image)
    assert decode_frame(data, codec, SIZE, out) is out
    np.testing.assert_array_equal(out, decode_frame(data, codec, SIZE))


@pytest.mark.parametrize("codec", ["jpeg", "png", "raw"])
def test_an_encoded_crop_is_smaller_than_the_limit(
    codec: CodecName,
    image: npt.NDArray[np.uint8],
) -> None:
    assert len(FrameCodec(codec).encode(image)) < largest_crop(SIZE)


def test_a_lower_quality_takes_fewer_bytes(image: npt.NDArray[np.uint8]) -> None:
    low, high = (len(FrameCodec(quality=quality).encode(image)) for quality in (30, 95))
    assert low < high


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "webp"}, "frame codec 'webp' is unknown; use one of jpeg, png, raw"),
        ({"quality": 0}, "JPEG quality 0 is outside 1 to 100"),
        ({"quality": 101}, "JPEG quality 101 is outside"),
    ],
)
def test_a_codec_that_does_not_exist_is_refused(
    values: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(SettingsError, match=message):
        FrameCodec(**values)


@pytest.mark.parametrize("codec", ["jpeg", "png"])
def test_an_image_of_another_size_is_refused(
    codec: CodecName,
    image: npt.NDArray[np.uint8],
) -> None:
    data = as_array(FrameCodec(codec).encode(image))
    with pytest.raises(ValueError, match="image of 32 x 32 px, expected 64 x 64"):
        decode_frame(data, codec, 64)


def test_raw_bytes_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match="10 bytes where a raw image has 3072"):
        decode_frame(np.zeros(10, np.uint8), "raw", SIZE)


def test_more_bytes_than_any_crop_takes_are_refused() -> None:
    with pytest.raises(ValueError, match="more than any image of 32 x 32 takes"):
        decode_frame(np.zeros(largest_crop(SIZE) + 1, np.uint8), "jpeg", SIZE)


def test_another_image_format_is_not_opened_as_png(
    image: npt.NDArray[np.uint8],
) -> None:
    _, bitmap = cv2.imencode(".bmp", image)
    with pytest.raises(ValueError, match="not a PNG image"):
        decode_frame(as_array(bitmap.tobytes()), "png", SIZE)


def test_a_png_that_ends_early_is_refused(image: npt.NDArray[np.uint8]) -> None:
    data = FrameCodec("png").encode(image)[:40]
    with pytest.raises(ValueError, match="not a PNG image"):
        decode_frame(as_array(data), "png", SIZE)


def test_bytes_that_are_no_jpeg_are_refused() -> None:
    with pytest.raises(ValueError):  # the library has messages of its own
        decode_frame(np.zeros(100, np.uint8), "jpeg", SIZE)
