"""A folder for uploaded files that only this user can read, removed at the end."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "avdf-page-"
_LOCK = "lock"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder (mode 0700) below the system's temporary folder; removed after the block.

    What an earlier server left, because it was killed, is removed first.
    """
    _remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        # The lock is held as long as the process lives, however it ends.
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned() -> None:
    """Remove the folders of this user's servers that do not run any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            # Another user's folder, or a link to anywhere, is not ours to remove.
            if folder.is_symlink() or folder.lstat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        # Its server runs; or it has just made its folder, and not yet its lock; or it has just
        # removed its folder itself.
        except OSError:
            continue
