"""Reading of decoded frames from a pipe, in the format YUV4MPEG2.

The stream begins with one line of text, the header. Each frame is a marker and its three planes.
Source: yuv4mpeg(5) of mjpegtools, as ffmpeg's muxer `yuv4mpegpipe` writes it.
"""

from collections.abc import Callable
from functools import partial
from io import RawIOBase
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.frame_memory import FrameMemory
from avdf.pipeline.media.media_info import MediaInfo

_FRAME_MARKER = b"FRAME\n"
_LONGEST_HEADER = 1024

Wait = Callable[[Callable[[], int | None]], int | None]


class _Layout(NamedTuple):
    """Shapes (height, width) of the planes, and how they become RGB."""

    luma: tuple[int, int]
    chroma: tuple[int, int]
    colour: Colour

    @property
    def luma_bytes(self) -> int:
        return self.luma[0] * self.luma[1]

    @property
    def chroma_bytes(self) -> int:
        return self.chroma[0] * self.chroma[1]


class FrameReader:
    """Reads one frame after another.

    Args:
        pipe: opened without a buffer.
        wait: calls the read that it is given, and can tell how long that takes.
    """

    def __init__(
        self,
        pipe: RawIOBase,
        media: MediaInfo,
        wait: Wait,
    ) -> None:
        self._pipe = pipe
        self._media = media
        self._wait = wait
        self._layout: _Layout | None = None  # known from the header on
        self._memory = FrameMemory()

    def read(self, row: int) -> DecodedFrame | None:
        """The next frame, which belongs in that row; None where the stream has ended."""
        if self._layout is None:
            header = self._read_header()
            if header is None:
                return None
            self._layout = self._layout_of(header)
        luma, chroma, colour = self._layout
        luma_bytes = self._layout.luma_bytes
        chroma_bytes = self._layout.chroma_bytes
        size = len(_FRAME_MARKER) + luma_bytes + 2 * chroma_bytes
        data = self._memory.take(size)
        if not self._fill(data):
            return None
        # Y, Cb and Cr follow each other without a gap.
        body = data[len(_FRAME_MARKER) :]
        cr_start = luma_bytes + chroma_bytes
        planes = (
            body[:luma_bytes].reshape(luma),
            body[luma_bytes:cr_start].reshape(chroma),
            body[cr_start:].reshape(chroma),
        )
        return DecodedFrame(row, planes, colour)

    def _layout_of(self, header: str) -> _Layout:
        # Fields are a letter and a value; those that begin with X are extensions.
        words = header.split(" ")
        fields = {word[:1]: word[1:] for word in words if word[:1] in "WH"}
        width = int(fields["W"])
        height = int(fields["H"])
        chroma = height, width
        if self._media.planes == "yuv420p":
            chroma = (height + 1) // 2, (width + 1) // 2
        colour = Colour(self._media.matrix, full_range="XCOLORRANGE=FULL" in header)
        return _Layout((height, width), chroma, colour)

    def _read_header(self) -> str | None:
        line = bytearray()
        byte = np.empty(1, np.uint8)
        while not line.endswith(b"\n"):
            if not self._fill(byte) or len(line) > _LONGEST_HEADER:
                return None
            line += byte.tobytes()
        return line.decode("ascii", errors="replace").strip()

    def _fill(self, data: npt.NDArray[np.uint8]) -> bool:
        """Read until the array is full; False where the stream ends before."""
        done = 0
        while done < data.size:
            count = self._wait(partial(self._pipe.readinto, data.data[done:]))
            if not count:
                return False
            done += count
        return True
