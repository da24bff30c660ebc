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
        busy: the error to raise if another process holds the folder; without it, wait until the
            folder is free.

    Raises:
        OSError: the folder does not exist, or cannot be written to.
    """
    # Opened to append, so that a process that is refused changes nothing.
    with (folder / _LOCK_FILE).open("a") as lock:
        wait_or_fail = fcntl.LOCK_NB if busy else 0
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | wait_or_fail)
        except BlockingIOError:
            assert busy is not None
            raise busy from None
        yield
