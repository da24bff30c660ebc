"""The folder of a case: all of it is written under another name, and then gets its own."""

import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.ownership import check_folder, claim_folder, kind_of

_SUFFIX = ".partial"
_FOR_THE_OWNER = (
    0o700  # a copy of the file, which may be confidential, lies there meanwhile
)


@contextmanager
def whole_folder(final: Path, inputs: Sequence[Path]) -> Iterator[Path]:
    """A folder to write into, which becomes `final` if the block ends well; else it is removed.

    So a case is never half there.

    Raises:
        SettingsError: `final` holds something, lies in another case, or cannot be written.
    """
    check_folder(final, "case", inputs)
    # Not even an older case is written over: others may have noted its digest.
    if final.is_dir() and any(final.iterdir()):
        raise SettingsError(
            f"{final} is not empty; name a new folder, since a case is never written over"
        )
    if os.path.ismount(final):
        raise SettingsError(
            f"{final} is a mounted disk and cannot be replaced; name a folder on it"
        )
    # The folder behind a link, and not the link, is replaced; `.` gets a name.
    place = final.resolve()
    _refuse_inside_case(final, place)
    _remove_leftovers(place)
    mode = place.stat().st_mode if place.is_dir() else None
    # Never a name that was used before: what lies there would become part of the case.
    unique = f"{os.getpid()}-{secrets.token_hex(4)}"
    partial = place.with_name(f"{_prefix(place)}{unique}{_SUFFIX}")
    try:
        claim_folder(partial, "case")
        usual = partial.stat().st_mode if mode is None else mode
        partial.chmod(_FOR_THE_OWNER)
        yield partial
        partial.chmod(usual)
        _put_in_place(partial, place, final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _prefix(place: Path) -> str:
    """How the names of unfinished folders begin: `.case.MACHINE-`. The process follows."""
    return f".{place.name}.{socket.gethostname()}-"


def _refuse_inside_case(final: Path, place: Path) -> None:
    """A file more in a case is a fault of it.

    Raises:
        SettingsError: `place` lies in a case.
    """
    for parent in place.parents:
        if kind_of(parent) == "case":
            raise SettingsError(
                f"{final} lies in {parent}, which is another case and would be changed; "
                "name a folder outside of it"
            )


def _remove_leftovers(place: Path) -> None:
    """Remove what killed processes of this machine have left of the same case."""
    prefix = _prefix(place)
    if not place.parent.is_dir():
        return
    for path in place.parent.iterdir():
        if not (path.name.startswith(prefix) and path.name.endswith(_SUFFIX)):
            continue
        number, _, _ = path.name.removeprefix(prefix).partition("-")
        if not number.isdecimal():
            continue
        if not _is_running(int(number)) and kind_of(path) == "case":
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _put_in_place(partial: Path, place: Path, final: Path) -> None:
    """Give the finished folder its name.

    Raises:
        SettingsError: something else took the name meanwhile, or it cannot be given.
    """
    try:
        partial.replace(place)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"{final} cannot be written ({reason}); name another output folder"
        ) from None
