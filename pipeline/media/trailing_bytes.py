"""Bytes after the end of the video in an MP4 or QuickTime file, where no decoder looks.

Such a file is a sequence of boxes: a size of 4 bytes, a type of 4 bytes, and the content. `moov` is
the table of contents, `mdat` holds frames and audio. Source: ISO/IEC 14496-12.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MOST_BOXES = 200_000  # a video of six hours in fragments of one second has 43,200
_LEAST_REPORTED = 512  # bytes; fewer are what careless writers leave
_COMPLETE = {b"moov", b"mdat"}  # what a video needs
_BEGINNINGS = {b"ftyp", b"moov"}
_FRAGMENT = b"moof"
_ORDINARY = {b"moof", b"mdat", b"mfra", b"sidx", b"styp", b"free"}
_ORDINARY |= {b"skip", b"wide", b"uuid", b"meta", b"udta"}


class _Box(NamedTuple):
    """One box of the top level: where it begins, its type, and where it ends."""

    start: int
    kind: bytes
    stop: int


def trailing_note(path: Path) -> str:
    """The note on bytes after a complete video that are not read; '' where there are none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        seen: set[bytes] = set()
        for box in _boxes(file, size):
            # Fragmented files may repeat the beginning, and decoders read on: nothing is lost.
            if seen >= _COMPLETE and _FRAGMENT not in seen:
                left = size - box.start
                if box.kind in _BEGINNINGS:
                    return _note(left, f" (another video begins at byte {box.start})")
                if _is_strange(box, size) and left > _LEAST_REPORTED:
                    return _note(left, "")
            seen.add(box.kind)
    return ""


def _is_strange(box: _Box, size: int) -> bool:
    """Whether this is no box, or one of an unknown type that would end beyond the file.

    A box of a known type that ends beyond the file is a download that was cut short.
    """
    return not box.kind or (box.stop > size and box.kind not in _ORDINARY)


def _note(count: int, what: str) -> str:
    return f"{count} bytes after the end of the video are not read{what}"


def _boxes(file: BinaryIO, size: int) -> Iterator[_Box]:
    """The boxes of the top level in order. Bytes that are no box come last, without a type."""
    start = 0
    for _ in range(_MOST_BOXES):
        if start >= size:
            return
        file.seek(start, os.SEEK_SET)
        head = file.read(16)
        length, kind, head_bytes = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:  # the size has 64 bits and stands after the type
            length, head_bytes = int.from_bytes(head[8:], "big"), 16
        elif length == 0:  # the box reaches to the end of the file
            length = size - start
        if len(head) < head_bytes or length < head_bytes or not _is_type(kind):
            yield _Box(start, b"", size)
            return
        yield _Box(start, kind, start + length)
        start += length


def _is_type(kind: bytes) -> bool:
    """Whether these are printable characters, or the copyright sign of old QuickTime types."""
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind)
