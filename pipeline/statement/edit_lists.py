"""Edit lists of MP4 and QuickTime files: which parts of a track are shown, and when.

A player follows them, and so does ffmpeg. They can leave out recorded material that is still in the
file. Source: ISO/IEC 14496-12, 8.6.6.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from avdf.pipeline.media.boxes import Box, read_boxes
from avdf.pipeline.statement.file_statement import EditEntry, EditList

_MOST_ENTRIES = 10_000
_MOST_TRACKS = 64
_EMPTY = -1  # as media time: nothing is shown


def read_edit_lists(path: Path) -> tuple[EditList, ...]:
    """The edit lists of a file that show something else than a track from its beginning.

    An encoder delays a stream by its own start-up time: lists with one entry that begin less than
    half a second into the media are usual, and are left out.

    Raises:
        OSError: the file cannot be read.
        ValueError: a box holds less than its type demands.
    """
    size = path.stat().st_size
    found = []
    with path.open("rb") as file:
        for moov in _inside(file, (0, size), b"moov"):
            film_scale = _time_scale(file, moov, b"mvhd")
            tracks = _inside(file, _span(moov), b"trak")
            for number, track in enumerate(tracks, start=1):
                if number > _MOST_TRACKS:
                    break
                entries = _entries(file, track, film_scale)
                if not _is_usual(entries):
                    found.append(EditList(number, entries))
    return tuple(found)


def _is_usual(entries: tuple[EditEntry, ...]) -> bool:
    if not entries:
        return True
    (first, *more) = entries
    return (
        not more and first.start is not None and first.start < 0.5 and first.rate == 1
    )


def _entries(file: BinaryIO, track: Box, film_scale: int) -> tuple[EditEntry, ...]:
    media_scale = 0
    for mdia in _inside(file, _span(track), b"mdia"):
        media_scale = _time_scale(file, mdia, b"mdhd")
    entries: list[EditEntry] = []
    for edts in _inside(file, _span(track), b"edts"):
        for elst in _inside(file, _span(edts), b"elst"):
            entries += _read_list(file, elst, film_scale, media_scale)
    return tuple(entries)


def _read_list(
    file: BinaryIO, box: Box, film_scale: int, media_scale: int
) -> Iterator[EditEntry]:
    """Durations count in the time scale of the film, starts in that of the track."""
    if not film_scale or not media_scale:
        raise ValueError("an edit list without a time scale")
    head = _read(file, box.content, 8)
    count = int.from_bytes(head[4:], "big")
    width = 8 if head[0] == 1 else 4
    size = 2 * width + 4
    # A list cannot be longer than its box, whatever it says.
    fits = min(count, (box.stop - box.content - 8) // size, _MOST_ENTRIES)
    for index in range(fits):
        entry = _read(file, box.content + 8 + index * size, size)
        duration = int.from_bytes(entry[:width], "big")
        start = int.from_bytes(entry[width : 2 * width], "big", signed=True)
        rate = int.from_bytes(entry[2 * width : 2 * width + 2], "big", signed=True)
        yield EditEntry(
            start=None if start == _EMPTY else round(start / media_scale, 6),
            duration=round(duration / film_scale, 6),
            rate=float(rate),
        )


def _time_scale(file: BinaryIO, parent: Box, kind: bytes) -> int:
    """Units of time in a second, from a header box; 0 where there is none."""
    for box in _inside(file, _span(parent), kind):
        version = _read(file, box.content, 1)[0]
        # Two times stand before it, of 8 bytes each in version 1.
        before = 4 + (16 if version == 1 else 8)
        return int.from_bytes(_read(file, box.content + before, 4), "big")
    return 0


def _inside(file: BinaryIO, span: tuple[int, int], kind: bytes) -> Iterator[Box]:
    """The boxes of one type between two bytes."""
    # As a list: whoever takes a box reads elsewhere in the file.
    boxes = [box for box in read_boxes(file, *span) if box.kind == kind]
    for box in boxes:
        yield Box(box.start, box.kind, box.content, min(box.stop, span[1]))


def _span(box: Box) -> tuple[int, int]:
    return box.content, box.stop


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    data = file.read(count)
    if len(data) < count:
        raise ValueError("the file ends within a box")
    return data
