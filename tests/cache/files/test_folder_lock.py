"""A folder belongs to one process at a time."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.cache.files.folder_lock import folder_lock

BUSY = SourceError("another job is at work here")


def test_a_held_folder_is_refused_with_the_given_error(tmp_path: Path) -> None:
    with (
        folder_lock(tmp_path),
        pytest.raises(SourceError, match="at work"),
        folder_lock(tmp_path, BUSY),
    ):
        pass


def test_a_folder_is_free_again_after_the_block(tmp_path: Path) -> None:
    with folder_lock(tmp_path, BUSY):
        pass
    with folder_lock(tmp_path, BUSY):
        pass


def test_a_folder_is_free_again_after_an_error_in_the_block(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder_lock(tmp_path, BUSY):
        raise ZeroDivisionError
    with folder_lock(tmp_path, BUSY):
        pass


def test_a_folder_that_does_not_exist_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), folder_lock(tmp_path / "absent"):
        pass
