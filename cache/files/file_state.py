"""Whether a file was changed, or another one put in its place."""

import os
from pathlib import Path
from typing import NamedTuple, Self


class FileState(NamedTuple):
    """A file and its content, as far as the file system knows them.

    device, inode  number of the file
    size           in bytes
    modified       when the content last changed, in nanoseconds; programs can set it
    changed        when the content, the permissions, the name or `modified` last changed
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    def has_content_of(self, earlier: Self) -> bool:
        """Whether this is the same file and nobody has written to it; its name may be another."""
        return self[:4] == earlier[:4]


def file_state(file: Path | int) -> FileState:
    """The present state of a file: of the one with this path, or of an open file by its descriptor.

    Raises:
        OSError: it is not there.
    """
    found = os.fstat(file) if isinstance(file, int) else file.stat()
    return FileState(
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
    )
