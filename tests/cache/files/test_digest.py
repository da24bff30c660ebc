"""The SHA-256 of a file's content."""

import hashlib
import os
from pathlib import Path

from avdf.cache.files.digest import file_sha256, file_state


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    file = tmp_path / "a"
    content = bytes(range(256)) * 10_000
    file.write_bytes(content)
    assert file_sha256(file) == hashlib.sha256(content).hexdigest()


def test_files_with_the_same_content_have_the_same_hash(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
    assert file_sha256(tmp_path / "a") == file_sha256(tmp_path / "b")


def test_the_state_changes_with_the_content(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"same")
    before = file_state(file)
    assert file_state(file) == before
    file.write_bytes(b"same and more")
    assert file_state(file) != before


def test_another_file_in_the_same_place_has_another_state(tmp_path: Path) -> None:
    file, other = tmp_path / "a", tmp_path / "b"
    for path in (file, other):
        path.write_bytes(b"same")
        os.utime(path, (0, 0))
    before = file_state(file)
    other.rename(file)
    assert file_state(file) != before
