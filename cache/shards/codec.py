"""How a face crop becomes bytes and back: as JPEG (default), PNG or raw pixels."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import simplejpeg

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.errors import SegmentError, SettingsError

Image = UInt8Array  # (H, W, 3) RGB
CodecName = Literal["jpeg", "png", "raw"]

_CHANNELS = 3
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD = 24  # bytes up to the end of width and height


@dataclass(frozen=True)
class FrameCodec:
    """How to encode crops.

    name         jpeg, png or raw
    quality      of JPEG, 1 to 100
    subsampling  of JPEG's colour channels
    """

    name: CodecName = "jpeg"
    quality: int = 95
    subsampling: Literal["444", "420"] = "444"

    def __post_init__(self) -> None:
        if self.name not in get_args(CodecName):
            known = ", ".join(get_args(CodecName))
            raise SettingsError(
                f"frame codec {self.name!r} is unknown; use one of {known}"
            )
        if not 1 <= self.quality <= 100:
            raise SettingsError(f"JPEG quality {self.quality} is outside 1 to 100")

    def encode(self, image: Image) -> bytes:
        """The bytes of an RGB crop (H, W, 3).

        Raises:
            ValueError: the image cannot be encoded.
        """
        if self.name == "raw":
            return image.tobytes()
        if self.name == "png":
            return _encode_png(image)
        jpeg = simplejpeg.encode_jpeg(
            np.ascontiguousarray(image),
            quality=self.quality,
            colorspace="RGB",
            colorsubsampling=self.subsampling,
        )
        return bytes(jpeg)


def largest_crop(size: int) -> int:
    """More bytes than any encoded crop of `size` x `size` pixels takes; larger ones are refused."""
    return 2 * size * size * _CHANNELS + 4096


def decode_frame(
    data: UInt8Array, codec: str, size: int, out: Image | None = None
) -> Image:
    """The RGB crop (size, size, 3) of some bytes; in `out`, if it is given.

    Raises:
        ValueError: the bytes are no image of that size.
    """
    if data.size > largest_crop(size):
        raise ValueError(
            f"{data.size} bytes, more than any image of {size} x {size} takes"
        )
    if codec == "jpeg":
        height, width = simplejpeg.decode_jpeg_header(data, strict=False)[:2]
        _check_size(width, height, size)
        image = simplejpeg.decode_jpeg(data, colorspace="RGB", buffer=out)
    elif codec == "png":
        image = _decode_png(data, size)
    else:
        image = _decode_raw(data, size)
    if image.shape != (size, size, _CHANNELS):
        raise ValueError(
            f"image of shape {image.shape}, expected ({size}, {size}, {_CHANNELS})"
        )
    if out is None:
        return np.asarray(image, dtype=np.uint8)
    # JPEG is decoded directly into `out`; the others are copied.
    if not np.may_share_memory(image, out):
        out[...] = image
    return out


@dataclass(frozen=True)
class CropDecoder:
    """Decodes the crops of one shard.

    path   of the shard, for messages
    codec  jpeg, png or raw
    size   width and height of a crop in pixels
    """

    path: Path
    codec: str
    size: int

    def decode(
        self, crops: Sequence[UInt8Array], row: int, out: UInt8Array | None = None
    ) -> UInt8Array:
        """Decode crops, the first of them that of row `row`; an empty crop is black.

        Returns:
            (len(crops), S, S, 3) RGB; `out`, if it is given.

        Raises:
            SegmentError: a crop is damaged; the message names its row.
        """
        shape = (len(crops), self.size, self.size, _CHANNELS)
        images = np.empty(shape, np.uint8) if out is None else out
        for index, crop in enumerate(crops):
            # Of sound alone there is nothing to see.
            if not crop.size:
                images[index] = 0
                continue
            try:
                decode_frame(crop, self.codec, self.size, images[index])
            except ValueError as error:
                raise SegmentError(
                    f"{self.path}: crop of row {row + index} cannot be decoded ({error}); "
                    "rebuild the shard"
                ) from None
        return images


def _encode_png(image: Image) -> bytes:
    # OpenCV takes BGR.
    done, encoded = cv2.imencode(".png", image[..., ::-1])
    if not done:
        raise ValueError(f"cannot encode an image of shape {image.shape} as PNG")
    return encoded.tobytes()


def _decode_png(data: UInt8Array, size: int) -> Image:
    # OpenCV opens other image formats too, and allocates whatever size their header claims.
    head = data[:_PNG_HEAD].tobytes()
    if not head.startswith(_PNG_SIGNATURE) or head[12:16] != b"IHDR":
        raise ValueError("not a PNG image")
    width, height = struct.unpack(">II", head[16:_PNG_HEAD])
    _check_size(width, height, size)
    try:
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ValueError(f"not a PNG image ({error.err})") from None
    if decoded is None:
        raise ValueError("not a PNG image")
    return np.asarray(decoded[..., ::-1], np.uint8)


def _decode_raw(data: UInt8Array, size: int) -> Image:
    expected = size * size * _CHANNELS
    if data.size != expected:
        raise ValueError(f"{data.size} bytes where a raw image has {expected}")
    return data.reshape(size, size, _CHANNELS)


def _check_size(width: int, height: int, size: int) -> None:
    # Before anything is decoded: an image of 20,000 x 20,000 px would take gigabytes.
    if (height, width) != (size, size):
        raise ValueError(f"image of {width} x {height} px, expected {size} x {size}")
