"""How one face crop becomes bytes: JPEG (default), PNG or raw."""

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg

from avdf.cache.errors import SettingsError

Image = npt.NDArray[np.uint8]  # (H, W, 3) RGB
CodecName = Literal["jpeg", "png", "raw"]


@dataclass(frozen=True)
class FrameCodec:
    """One way to store crops. `quality` and `subsampling` matter to JPEG alone."""

    name: CodecName = "jpeg"
    quality: int = 95
    subsampling: Literal["444", "420"] = "444"

    def __post_init__(self) -> None:
        if self.name not in get_args(CodecName):
            raise SettingsError(f"frame codec {self.name!r} is unknown; use one of {', '.join(get_args(CodecName))}")
        if not 1 <= self.quality <= 100:
            raise SettingsError(f"JPEG quality {self.quality} is outside 1 to 100")

    def encode(self, image: Image) -> bytes:
        """Bytes of one RGB crop (H, W, 3)."""
        if self.name == "jpeg":
            jpeg = simplejpeg.encode_jpeg(
                np.ascontiguousarray(image), quality=self.quality, colorspace="RGB", colorsubsampling=self.subsampling
            )
            return bytes(jpeg)
        if self.name == "png":
            done, encoded = cv2.imencode(".png", image[..., ::-1])
            if not done:
                raise ValueError(f"cannot encode an image of shape {image.shape} as PNG")
            return encoded.tobytes()
        return image.tobytes()


def decode_frame(data: npt.NDArray[np.uint8], codec: str, size: int, out: Image | None = None) -> Image:
    """RGB crop (size, size, 3) from its bytes, into `out` where that is given.

    Raises:
        ValueError: the bytes are not a picture of that size.
    """
    if codec == "jpeg":
        image = simplejpeg.decode_jpeg(data, colorspace="RGB", buffer=out)
    elif codec == "png":
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if decoded is None:
            raise ValueError("not a PNG picture")
        image = decoded[..., ::-1]
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
