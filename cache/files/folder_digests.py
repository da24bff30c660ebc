"""The SHA-256 of every file of a folder, and what differs from digests that were taken before."""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.files.digest import file_sha256


@dataclass(frozen=True)
class FileDigest:
    """What a file contained.

    sha256  of its content, in hexadecimal digits
    size    in bytes
    """

    sha256: str
    size: int


@dataclass(frozen=True)
class FolderFault:
    """One difference of a folder from its digests.

    name  of the file, relative to the folder, with `/` between folders
    what  a sentence without a full stop: what is wrong with it
    """

    name: str
    what: str


class _Entry:
    """A name in a folder and what stands there: a plain file, or the reason why it is none."""

    def __init__(self, name: str, path: Path, strange: str) -> None:
        self.name = name
        self.path = path
        self.strange = strange


def digest_folder(
    folder: Path, leave_out: Collection[str] = ()
) -> dict[str, FileDigest]:
    """The digests of all files below a folder, hidden ones too, sorted by name.

    Args:
        leave_out: names of files that are not counted.

    Raises:
        ValueError: something below the folder is no plain file.
        OSError: a file cannot be read.
    """
    digests = {}
    for entry in _entries(folder):
        if entry.name in leave_out:
            continue
        if entry.strange:
            raise ValueError(f"{entry.path} {entry.strange}")
        size = entry.path.stat().st_size
        digests[entry.name] = FileDigest(file_sha256(entry.path), size)
    return digests


def folder_faults(
    folder: Path,
    known: Mapping[str, FileDigest],
    leave_out: Collection[str] = (),
) -> tuple[FolderFault, ...]:
    """Every file below a folder that was changed, added or removed since `known` was taken.

    Only names that are found below the folder are opened: names in `known` may come from
    strangers, and could lead elsewhere.
    """
    faults = []
    seen = set()
    for entry in _entries(folder):
        if entry.name in leave_out and not entry.strange:
            continue
        seen.add(entry.name)
        what = _fault_of(entry, known.get(entry.name))
        if what:
            faults.append(FolderFault(entry.name, what))
    missing = [name for name in known if name not in seen]
    faults += [FolderFault(name, "is missing") for name in missing]
    return tuple(sorted(faults, key=lambda fault: fault.name))


def _fault_of(entry: _Entry, known: FileDigest | None) -> str:
    """What is wrong with one entry; '' where nothing is."""
    if entry.strange:
        return entry.strange
    if known is None:
        return "was added"
    try:
        size = entry.path.stat().st_size
        # Another size is another content: it need not be read.
        if size != known.size:
            return f"was changed: it has {size} bytes instead of {known.size}"
        sha256 = file_sha256(entry.path)
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    if sha256 != known.sha256:
        return f"was changed: its sha256 is {sha256} instead of {known.sha256}"
    return ""


def _entries(folder: Path) -> Iterator[_Entry]:
    """All that stands below a folder, sorted by name; links are not followed.

    A folder without any file is an entry too: nobody could tell that it was added otherwise.
    """
    for root, folders, files in os.walk(folder, onerror=_raise):
        folders.sort()
        base = Path(root)
        links = [name for name in folders if (base / name).is_symlink()]
        if not files and not folders and base != folder:
            yield _Entry(_name(base, folder), base, "is an empty folder")
        for name in sorted([*files, *links]):
            path = base / name
            yield _Entry(_name(path, folder), path, _strangeness(path))


def _raise(error: OSError) -> None:
    # os.walk would otherwise leave out a folder that cannot be read.
    raise error


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _strangeness(path: Path) -> str:
    """Why a path is no plain file; '' where it is one."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "is a symbolic link, not a file"
    return "" if stat.S_ISREG(mode) else "is not a plain file"
