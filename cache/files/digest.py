"""The SHA-256 of a file's content, which identifies the file, and whether the file was changed."""

import hashlib
from pathlib import Path
from typing import NamedTuple


def file_sha256(path: Path) -> str:
    """The hash in hexadecimal digits; the file is read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class FileState(NamedTuple):
    """What changes when somebody writes to a file, or puts another one in its place."""

    device: int
    inode: int
    size: int
    modified: int  # nanoseconds


def file_state(path: Path) -> FileState:
    """The present state of a file.

    Raises:
        OSError: it is not there.
    """
    found = path.stat()
    return FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
