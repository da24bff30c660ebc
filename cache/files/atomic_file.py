"""Files that are complete or absent: written beside their place, synced, renamed."""

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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_UMASK = _umask()


@contextmanager
def durable_file(path: Path) -> Iterator[Path]:
    """A path to write to; when the block ends well it is synced and takes the place of `path`, else it is removed.

    Raises:
        OSError: with ENOSPC where the disk is full, whatever the library that wrote made of it.
    """
    partial = path.with_name(f"{path.name}.{socket.gethostname()}-{os.getpid()}{PARTIAL_SUFFIX}")
    try:
        yield partial
        partial.chmod(0o666 & ~_UMASK)  # some libraries write for the owner alone
        _sync(partial)
        partial.replace(path)
        _sync(path.parent)
    except Exception as error:
        if _is_full(error, path.parent):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        raise
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, or leave what was there."""
    with durable_file(path) as partial:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")


def remove_partials(folder: Path, names: Iterable[str]) -> None:
    """Remove what killed writers left of files with such names (patterns). Only when no writer is at work there.

    Another program's `film.mkv.partial` is not ours: our names carry the machine and the process.
    """
    for name in names:
        for partial in folder.glob(f"{name}.*{PARTIAL_SUFFIX}"):
            if _OWN_PARTIAL.search(partial.name):
                partial.unlink(missing_ok=True)


def _is_full(error: Exception, folder: Path) -> bool:
    """HDF5, safetensors and PyTorch each wrap the system's word in an error of their own, or drop it."""
    told = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(
        error
    )
    return told or (isinstance(error, RuntimeError) and shutil.disk_usage(folder).free < _NO_ROOM)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
