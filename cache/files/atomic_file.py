"""Files that are whole or absent: written under another name, synced to disk, then renamed."""

import errno
import os
import re
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL_SUFFIX = ".partial"
_OWN_PARTIAL = re.compile(r"\.[^.]([^/]*)-\d+\.partial$")  # .MACHINE-PROCESS.partial
_NO_ROOM = 1 << 16  # bytes
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_UMASK = _umask()


@contextmanager
def durable_file(path: Path) -> Iterator[Path]:
    """A path to write to. If the block ends well, that file replaces `path`; else it is removed.

    Raises:
        OSError: with ENOSPC if the disk is full, whatever the writing library raised.
    """
    writer = f"{socket.gethostname()}-{os.getpid()}"
    partial = path.with_name(f"{path.name}.{writer}{PARTIAL_SUFFIX}")
    try:
        yield partial
        # Some libraries make files that only their owner may read.
        partial.chmod(0o666 & ~_UMASK)
        _sync(partial)
        partial.replace(path)
        _sync(path.parent)
    except Exception as error:
        # The name of the partial file would mean nothing to the user.
        if isinstance(error, OSError) and str(error.filename) == str(partial):
            raise type(error)(error.errno, error.strerror, str(path)) from None
        if _is_disk_full(error, path.parent):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        raise
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, or leave the old one unchanged."""
    with durable_file(path) as partial:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")


def remove_partials(folder: Path, patterns: Iterable[str]) -> None:
    """Remove what killed writers left of files whose names match; no writer may be at work there.

    Only names that carry a machine and a process are removed: another program's
    `film.mkv.partial` stays.
    """
    for pattern in patterns:
        for partial in folder.glob(f"{pattern}.*{PARTIAL_SUFFIX}"):
            if _OWN_PARTIAL.search(partial.name):
                partial.unlink(missing_ok=True)


def _is_disk_full(error: Exception, folder: Path) -> bool:
    # HDF5, safetensors and PyTorch wrap the system's error in one of their own, or lose it.
    if getattr(error, "errno", None) in _DISK_FULL or "No space left" in str(error):
        return True
    return isinstance(error, RuntimeError) and shutil.disk_usage(folder).free < _NO_ROOM


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
