"""Boxes, the parts that MP4 and QuickTime files consist of.

A box is a size of 4 bytes, a type of 4 bytes, and the content, which may be boxes again.
Source: ISO/IEC 14496-12.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_MOST_BOXES = 200_000  # a video of six hours in fragments of one second has 43,200


class Box(NamedTuple):
    """One box: where it begins, its type, where its content begins, and where it ends.

    kind  4 bytes; empty for bytes that are no box
    """

    start: int
    kind: bytes
    content: int
    stop: int


def read_boxes(file: BinaryIO, start: int, stop: int) -> Iterator[Box]:
    """The boxes between two bytes of a file, in order. Bytes that are no box come last.

    A box may end beyond `stop`, as in a file that was cut short.
    """
    for _ in range(_MOST_BOXES):
        if start >= stop:
            return
        file.seek(start, os.SEEK_SET)
        head = file.read(16)
        length, kind, head_bytes = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:  # the size has 64 bits and stands after the type
            length, head_bytes = int.from_bytes(head[8:], "big"), 16
        elif length == 0:  # the box reaches to the end
            length = stop - start
        if len(head) < head_bytes or length < head_bytes or not _is_type(kind):
            yield Box(start, b"", start, stop)
            return
        yield Box(start, kind, start + head_bytes, start + length)
        start += length


def _is_type(kind: bytes) -> bool:
    """Whether these are printable characters, or the copyright sign of old QuickTime types."""
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind)
