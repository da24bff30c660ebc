"""What lies behind the end of a film in an MP4 or QuickTime file, where no decoder looks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MOST_BOXES = 200_000  # a film of six hours in fragments of a second has 43,200
_LEAST_TOLD = 512  # bytes; fewer are what careless writers leave
_FILM = {b"moov", b"mdat"}  # what a film needs: its table, and its pictures and sound
_BEGINS = {b"ftyp", b"moov"}
_ORDINARY = {
    b"moof",
    b"mdat",
    b"mfra",
    b"sidx",
    b"styp",
    b"free",
    b"skip",
    b"wide",
    b"uuid",
    b"meta",
    b"udta",
}


class _Box(NamedTuple):
    """One box of the top level: where it begins, its type, and where it ends."""

    start: int
    kind: bytes
    stop: int


def unread_behind(path: Path) -> str:
    """The note on bytes behind a whole film that are not read; '' where all is as it should be.

    A second film begins with another `ftyp` or `moov`. Fragmented files may repeat both, and are read on.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        seen: set[bytes] = set()
        for box in _boxes(file, size):
            if seen >= _FILM and b"moof" not in seen:
                if box.kind in _BEGINS:
                    return _note(size - box.start, f" (another film begins at byte {box.start})")
                # A box that ends beyond the file is a download that was cut, where its type is one that belongs there.
                strange = not box.kind or (box.stop > size and box.kind not in _ORDINARY)
                if strange and size - box.start > _LEAST_TOLD:
                    return _note(size - box.start, "")
            seen.add(box.kind)
    return ""


def _note(count: int, what: str) -> str:
    return f"{count} bytes behind the end of the film are not read{what}"


def _boxes(file: BinaryIO, size: int) -> Iterator[_Box]:
    """The boxes of the top level, one after another. Bytes that are none come last, as a box without a type."""
    start = 0
    for _ in range(_MOST_BOXES):
        if start >= size:
            return
        file.seek(start, os.SEEK_SET)
        head = file.read(16)
        length, kind, least = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:  # the size has 64 bits, behind the type
            length, least = int.from_bytes(head[8:], "big"), 16
        elif length == 0:  # up to the end of the file
            length = size - start
        if (
            len(head) < least
            or length < least
            or not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind)
        ):
            yield _Box(start, b"", size)
            return
        yield _Box(start, kind, start + length)
        start += length
