"""One process at a time in a folder: a lock that ends with the process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avdf.cache.core.errors import AvdfError

_LOCK_FILE = ".lock"


@contextmanager
def folder_lock(folder: Path, busy: AvdfError | None = None) -> Iterator[None]:
    """Hold a folder for this process.

    Args:
        busy: raised where another process holds the folder; without it, wait until the folder is free.

    Raises:
        OSError: the folder is not there, or nothing can be written in it.
    """
    with (folder / _LOCK_FILE).open(
        "a"
    ) as lock:  # never emptied: a process that is refused changes nothing
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            assert busy is not None
            raise busy from None
        yield
