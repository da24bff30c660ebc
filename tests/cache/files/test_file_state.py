"""The state of a file, which tells whether it was changed."""

import os
from pathlib import Path

from avdf.cache.files.file_state import file_state


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


def test_the_state_of_an_open_file_is_its_own_when_another_has_its_name(
    tmp_path: Path,
) -> None:
    file, other = tmp_path / "a", tmp_path / "b"
    for path in (file, other):
        path.write_bytes(b"same")
    with file.open("rb") as opened:
        assert file_state(opened.fileno()) == file_state(file)
        other.rename(file)
        assert file_state(opened.fileno()) != file_state(file)


def test_new_permissions_are_no_new_content(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"same")
    before = file_state(file)
    file.chmod(0o600)
    assert file_state(file).has_content_of(before)
    file.write_bytes(b"other")
    assert not file_state(file).has_content_of(before)
