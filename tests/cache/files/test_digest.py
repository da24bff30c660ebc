"""The SHA-256 of a file's content."""

import hashlib
from pathlib import Path

from avdf.cache.files.digest import file_sha256


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    file = tmp_path / "a"
    content = bytes(range(256)) * 10_000
    file.write_bytes(content)
    assert file_sha256(file) == hashlib.sha256(content).hexdigest()


def test_files_with_the_same_content_have_the_same_hash(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
    assert file_sha256(tmp_path / "a") == file_sha256(tmp_path / "b")
