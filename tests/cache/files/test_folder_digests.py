"""Any change of a folder is found and named."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.files.folder_digests import FileDigest, digest_folder, folder_faults

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]),
    min_size=1,
    max_size=12,
).filter(lambda name: name not in (".", ".."))
TREES = st.dictionaries(NAMES, st.binary(max_size=64), min_size=1, max_size=4)


def fill(folder: Path, tree: dict[str, bytes]) -> None:
    for index, (name, content) in enumerate(tree.items()):
        parent = folder / "below" if index % 2 else folder / "beside"
        parent.mkdir(exist_ok=True)
        (parent / name).write_bytes(content)


def change(path: Path, how: str, at: int) -> str:
    """Change one file; returns the name of the file that must be reported."""
    content = path.read_bytes()
    if how == "flip" and content:
        at %= len(content)
        path.write_bytes(
            content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]
        )
    elif how == "cut" and content:
        path.write_bytes(content[: at % len(content)])
    elif how == "remove":
        path.unlink()
    elif how == "link":
        target = path.with_name("target of the link")
        path.rename(target)
        path.symlink_to(target.name)
    elif how == "add":
        path = path.with_name("a file that nobody has listed")
        path.touch()
    else:
        path.write_bytes(content + b"\0")
    return path.name


@settings(max_examples=60)
@given(
    tree=TREES,
    how=st.sampled_from(["flip", "cut", "append", "remove", "link", "add"]),
    which=st.integers(0, 100),
    at=st.integers(0, 1000),
)
def test_any_change_of_any_file_is_found(
    tree: dict[str, bytes], how: str, which: int, at: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, tree)
        known = digest_folder(folder)
        assert folder_faults(folder, known) == ()
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        changed = change(files[which % len(files)], how, at)
        assert changed in {Path(one.name).name for one in folder_faults(folder, known)}


def test_an_empty_folder_that_was_added_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    known = digest_folder(tmp_path)
    (tmp_path / "new").mkdir()
    (fault,) = folder_faults(tmp_path, known)
    assert (fault.name, fault.what) == ("new", "is an empty folder")


def test_a_folder_behind_a_link_is_not_entered(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "file").write_bytes(b"same")
    known = digest_folder(inside)
    (inside / "more").symlink_to(outside)
    (fault,) = folder_faults(inside, known)
    assert fault.name == "more" and "symbolic link" in fault.what


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (fault,) = folder_faults(tmp_path, {"pipe": FileDigest("", 0)})
    assert fault.what == "is not a plain file"
    with pytest.raises(ValueError, match="pipe is not a plain file"):
        digest_folder(tmp_path)


def test_a_name_that_leads_elsewhere_is_only_missing(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    (fault,) = folder_faults(tmp_path / "case", {"../secret": FileDigest("0" * 64, 1)})
    assert (fault.name, fault.what) == ("../secret", "is missing")


def test_an_empty_file_that_grows_is_found(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    known = digest_folder(tmp_path)
    (tmp_path / "empty").write_bytes(b"\0")
    (fault,) = folder_faults(tmp_path, known)
    assert fault.what == "was changed: it has 1 bytes instead of 0"
