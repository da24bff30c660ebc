"""Bytes after the end of the video in an MP4 or QuickTime file, where no decoder looks.

Of the boxes of such a file, `moov` is the table of contents, and `mdat` holds frames and audio.
"""

from pathlib import Path

from avdf.pipeline.media.boxes import Box, read_boxes

_LEAST_REPORTED = 512  # bytes; fewer are what careless writers leave
_COMPLETE = {b"moov", b"mdat"}  # what a video needs
_BEGINNINGS = {b"ftyp", b"moov"}
_FRAGMENT = b"moof"
_ORDINARY = {b"moof", b"mdat", b"mfra", b"sidx", b"styp", b"free"}
_ORDINARY |= {b"skip", b"wide", b"uuid", b"meta", b"udta"}


def trailing_note(path: Path) -> str:
    """The note on bytes after a complete video that are not read; '' where there are none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        seen: set[bytes] = set()
        for box in read_boxes(file, 0, size):
            # Fragmented files may repeat the beginning, and decoders read on: nothing is lost.
            if seen >= _COMPLETE and _FRAGMENT not in seen:
                left = size - box.start
                if box.kind in _BEGINNINGS:
                    return _note(left, f" (another video begins at byte {box.start})")
                if _is_strange(box, size) and left > _LEAST_REPORTED:
                    return _note(left, "")
            seen.add(box.kind)
    return ""


def _is_strange(box: Box, size: int) -> bool:
    """Whether this is no box, or one of an unknown type that would end beyond the file.

    A box of a known type that ends beyond the file is a download that was cut short.
    """
    return not box.kind or (box.stop > size and box.kind not in _ORDINARY)


def _note(count: int, what: str) -> str:
    return f"{count} bytes after the end of the video are not read{what}"
