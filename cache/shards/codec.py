"""How one face crop becomes bytes: JPEG (default), PNG or raw."""

import struct
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg

from avdf.cache.core.errors import SettingsError

Image = npt.NDArray[np.uint8]  # (H, W, 3) RGB
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD = 24  # bytes up to the end of width and height
CodecName = Literal["jpeg", "png", "raw"]


@dataclass(frozen=True)
class FrameCodec:
    """One way to store crops. `quality` and `subsampling` matter to JPEG alone."""

    name: CodecName = "jpeg"
    quality: int = 95
    subsampling: Literal["444", "420"] = "444"

    def __post_init__(self) -> None:
        if self.name not in get_args(CodecName):
            raise SettingsError(
                f"frame codec {self.name!r} is unknown; use one of {', '.join(get_args(CodecName))}"
            )
        if not 1 <= self.quality <= 100:
            raise SettingsError(f"JPEG quality {self.quality} is outside 1 to 100")

    def encode(self, image: Image) -> bytes:
        """Bytes of one RGB crop (H, W, 3)."""
        if self.name == "jpeg":
            jpeg = simplejpeg.encode_jpeg(
                np.ascontiguousarray(image),
                quality=self.quality,
                colorspace="RGB",
                colorsubsampling=self.subsampling,
            )
            return bytes(jpeg)
        if self.name == "png":
            done, encoded = cv2.imencode(".png", image[..., ::-1])
            if not done:
                raise ValueError(f"cannot encode an image of shape {image.shape} as PNG")
            return encoded.tobytes()
        return image.tobytes()


def largest_crop(size: int) -> int:
    """Bytes that no encoded crop of that size exceeds: what is larger is not read."""
    return 2 * size * size * 3 + 4096


def decode_frame(
    data: npt.NDArray[np.uint8], codec: str, size: int, out: Image | None = None
) -> Image:
    """RGB crop (size, size, 3) from its bytes, into `out` where that is given.

    Raises:
        ValueError: the bytes are not a picture of that size.
    """
    if data.size > largest_crop(size):
        raise ValueError(f"{data.size} bytes, more than any picture of {size} x {size} takes")
    if codec == "jpeg":
        _check_size(simplejpeg.decode_jpeg_header(data, strict=False)[:2], size)
        image = simplejpeg.decode_jpeg(data, colorspace="RGB", buffer=out)
    elif codec == "png":
        image = _decode_png(data, size)
    else:
        if data.size != size * size * 3:
            raise ValueError(f"{data.size} bytes where a raw picture has {size * size * 3}")
        image = data.reshape(size, size, 3)
    if image.shape != (size, size, 3):
        raise ValueError(f"picture of shape {image.shape}, expected ({size}, {size}, 3)")
    if out is None:
        return np.asarray(image, dtype=np.uint8)
    if not np.may_share_memory(image, out):
        out[...] = image
    return out


def _decode_png(data: npt.NDArray[np.uint8], size: int) -> Image:
    # OpenCV would also open other kinds of picture, and allocates what their header asks for.
    head = data[:_PNG_HEAD].tobytes()
    if not head.startswith(_PNG_SIGNATURE) or head[12:16] != b"IHDR":
        raise ValueError("not a PNG picture")
    width, height = struct.unpack(">II", head[16:_PNG_HEAD])
    _check_size((height, width), size)
    try:
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ValueError(f"not a PNG picture ({error.err})") from None
    if decoded is None:
        raise ValueError("not a PNG picture")
    return np.asarray(decoded[..., ::-1], np.uint8)


def _check_size(found: tuple[int, ...], size: int) -> None:
    """Before anything is decoded: a picture of 20,000 x 20,000 px would take gigabytes."""
    if found != (size, size):
        raise ValueError(f"picture of {found[1]} x {found[0]} px, expected {size} x {size}")
