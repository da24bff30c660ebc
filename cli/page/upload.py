"""Receiving a file: written as it comes, and given up as soon as it is too large."""

import errno
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

from avdf.cache.core.safe_text import printable
from avdf.pipeline.sources.media_files import MEDIA_SUFFIXES

TOO_LARGE, NO_SPACE, INCOMPLETE = 413, 507, 400
_LONGEST_NAME = 200  # characters that are shown
_UNNAMED = "unnamed file"


class UploadError(Exception):
    """A file that was not received, with the status that the answer gets."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def shown_name(name: str) -> str:
    """The name of a file as the page shows it: one line, without its folders, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    safe = printable(last).strip()
    if len(safe) > _LONGEST_NAME:
        half = _LONGEST_NAME // 2
        safe = f"{safe[:half]}…{safe[-half:]}"
    return safe or _UNNAMED


def stored_name(name: str, number: int) -> str:
    """The name under which a file is stored: `upload-0001.mp4`; without an unknown ending.

    No sentence holds such a name by chance, so in messages it can be replaced by the user's.

    Some formats are only recognised by their ending. An ending that is no medium's, such as `.csv`
    or `.h5`, would be read as something else than a video: it is left out.
    """
    suffix = PurePosixPath(shown_name(name)).suffix.lower()
    stem = f"upload-{number:04d}"
    return f"{stem}{suffix}" if suffix in MEDIA_SUFFIXES else stem


async def receive(
    chunks: AsyncIterator[bytes],
    path: Path,
    declared: int | None,
    largest: int,
) -> int:
    """Write a file as it comes; returns its size in bytes.

    Args:
        declared: the size that the sender has named; None if it has not.
        largest: bytes that are accepted.

    Raises:
        UploadError: it is too large, the disk is full, or less came than was named. Nothing is
            left of it.
    """
    if declared is not None and declared > largest:
        raise _too_large(largest)
    size = 0
    try:
        with path.open("xb") as file:
            async for chunk in chunks:
                size += len(chunk)
                # The sender may have named less than it sends, or nothing.
                if size > largest:
                    raise _too_large(largest)
                file.write(chunk)
        if declared is not None and size != declared:
            raise UploadError(INCOMPLETE, "the file did not arrive completely")
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = (
                f"no space left in {path.parent.parent}; remove files from the list"
            )
            raise UploadError(NO_SPACE, reason) from None
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size


def _too_large(largest: int) -> UploadError:
    return UploadError(
        TOO_LARGE,
        f"the file is larger than {size_words(largest)}; start avdf serve with a larger "
        "--largest-file",
    )


def size_words(size: int) -> str:
    """`3.2 MiB`."""
    value, units = float(size), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.0f} bytes" if units[0] == "bytes" else f"{value:.1f} {units[0]}"
