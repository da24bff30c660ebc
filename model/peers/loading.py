"""`package.module:Name`: import a detector, build it, and check that it keeps the protocol.

Importing a module runs its code, with all rights of the user. So nothing is imported unless the
text has exactly this form and is the path of nothing.
"""

import io
import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.safe_text import printable
from avdf.model.peers.protocol import PeerDescription, PeerDetector
from avdf.model.peers.source_files import HashedFile, hashed, source_files

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
_FORM = "a detector is written package.module:Name"
_METHODS = {
    "describe": "describe(self) -> PeerDescription",
    "score": "score(self, footage) -> list of PerVerdict",
}
_HERE = Path(__file__).parent
_CHECKS = ("answers.py", "footage.py", "loading.py", "protocol.py")
_MOST_WORDS = 300  # characters of an error of foreign code
_MOST_NAMES = 8  # that a message lists


@dataclass(frozen=True)
class LoadedPeer:
    """A detector of others, ready to score.

    spec         `package.module:Name`, as it was asked for
    file         of its module; '' where there is none
    detector     what scores
    description  what it says of itself
    source       its source files with their hashes
    fitted_on    on how many videos of the split `train` it was fitted; None: it was not
    """

    spec: str
    file: str
    detector: PeerDetector
    description: PeerDescription
    source: tuple[HashedFile, ...]
    fitted_on: int | None = None

    @property
    def title(self) -> str:
        """`Name 1.0 (package.module:Name)`."""
        words = f"{self.description.name} {self.description.version}".strip()
        return f"{words} ({self.spec})"

    def as_dict(self) -> dict[str, Any]:
        """What `metrics.json` says of the detector."""
        description = self.description
        return {
            "name": description.name,
            "version": description.version,
            "module": self.spec,
            "file": self.file,
            "unit": description.unit,
            "takes": description.takes,
            "judges": list(description.judges),
            "fitted_on": self.fitted_on,
            "notes": list(description.notes),
            "source": [asdict(one) for one in self.source],
            "files": [asdict(one) for one in self.files],
        }

    @property
    def files(self) -> tuple[HashedFile, ...]:
        """The files that it has read, with their hashes."""
        return tuple(hashed(Path(name)) for name in self.description.files)


def is_peer_name(text: str) -> bool:
    """Whether a text names a detector: `package.module:Name`, and no file or folder.

    Raises:
        SettingsError: it has a colon, but is neither that nor a path.
    """
    if ":" not in text or Path(text).exists():
        return False
    if _NAME.fullmatch(text):
        return True
    # A path or a URL with a colon is the matter of those who open runs.
    if "/" in text or "\\" in text:
        return False
    raise SettingsError(f"{text!r} is neither a run nor a detector: {_FORM}")


def load_peer(spec: str, here: Path | None = None) -> LoadedPeer:
    """Import a detector from a folder or the installed packages, build it, and check it.

    Args:
        spec: `package.module:Name`; Name is a class, or a function that returns a detector.
        here: the folder that is searched first; None: the current one.

    Raises:
        SettingsError: there is no such module or name, it cannot be imported or built, or it does
            not keep the protocol. The message says what is missing, where, and what to do.
    """
    here = here or Path.cwd()
    name, _, attribute = spec.partition(":")
    module = _imported(name, here)
    where = f"{spec} ({getattr(module, '__file__', None) or 'built in'})"
    make = getattr(module, attribute, None)
    if make is None:
        raise SettingsError(f"{where}: there is no {attribute}; {_names_in(module)}")
    if not callable(make):
        raise SettingsError(
            f"{where}: {attribute} is a {type(make).__name__}; name a class, or a function "
            "that returns a detector"
        )
    detector = guarded_call(f"{where}: it cannot be built", make)
    _check_methods(where, detector)
    return LoadedPeer(
        spec=spec,
        file=str(getattr(module, "__file__", None) or ""),
        detector=detector,
        description=described(where, detector),
        source=source_files(module, detector, here),
    )


def described(where: str, detector: PeerDetector) -> PeerDescription:
    """What a detector says of itself, checked.

    Raises:
        SettingsError: `describe` fails, or returns something else.
    """
    description = guarded_call(f"{where}: describe() fails", detector.describe)
    if not isinstance(description, PeerDescription):
        raise SettingsError(
            f"{where}: describe() returned a {type(description).__name__}; "
            "return an avdf.model.peers.PeerDescription"
        )
    return description


def guarded_call(fault: str, call: Callable[..., Any], *given: Any) -> Any:
    """Call foreign code; what it prints goes to stderr, since results go to stdout.

    Raises:
        SettingsError: it raised an error, or wanted to end the program.
    """
    try:
        with foreign_code():
            return call(*given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise SettingsError(f"{fault}: {error_words(error)}") from error


class _ToStderr(io.TextIOBase):
    """Takes what foreign code prints. Closing it closes nothing that others use."""

    def write(self, text: str) -> int:
        sys.stderr.write(printable(text, keep="\n\r\t"))
        return len(text)

    def flush(self) -> None:
        sys.stderr.flush()


@contextmanager
def foreign_code() -> Iterator[None]:
    """What is printed inside goes to stderr, and the current folder is afterwards as it was.

    stdout is for results alone, and a relative path of the output must not change its meaning.
    """
    here = Path.cwd()
    try:
        with redirect_stdout(_ToStderr()):
            yield
    finally:
        if Path.cwd() != here:
            os.chdir(here)


def error_words(error: BaseException) -> str:
    """`ValueError: shapes differ (detector.py, line 12)`, on one line."""
    words = " ".join(f"{type(error).__name__}: {error}".split())
    if len(words) > _MOST_WORDS:
        words = f"{words[:_MOST_WORDS]}..."
    # The innermost line of the detector itself says more than one deep inside a library.
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if not _is_library(file):
            place = f" ({Path(file).name}, line {line})"
    return words + place


def _is_library(file: str) -> bool:
    """Whether a file is installed, part of Python, or made up; the loader here counts too."""
    # The checks of avdf itself find a fault, and are not where it is.
    is_check = Path(file).parent == _HERE and Path(file).name in _CHECKS
    if file.startswith("<") or is_check:
        return True
    is_installed = "site-packages" in Path(file).parts
    return is_installed or file.startswith(sysconfig.get_path("stdlib"))


def _imported(name: str, here: Path) -> ModuleType:
    folder = str(here)
    # As `python -m` does. It stays there: a detector may import its neighbours when it scores.
    if folder not in sys.path and "" not in sys.path:
        sys.path.insert(0, folder)
    try:
        with foreign_code():
            return import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name
        # A package that is missing inside the module is another fault than a missing module.
        if missing and f"{name}.".startswith(f"{missing}."):
            raise SettingsError(
                f"there is no module {missing} in {folder} or among the installed packages; "
                "check the name, go to its folder, or install it"
            ) from error
        raise SettingsError(
            f"module {name} cannot be imported: {error_words(error)}"
        ) from error


def _names_in(module: ModuleType) -> str:
    """`it has A and B`: the classes and functions that a module defines itself."""
    listed = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and callable(value)
    ]
    names = sorted(name for name in listed if not name.startswith("_"))
    if not names:
        return "it defines no class and no function"
    more = ", ..." if len(names) > _MOST_NAMES else ""
    return f"it has {', '.join(names[:_MOST_NAMES])}{more}"


def _check_methods(where: str, detector: Any) -> None:
    missing = [
        call
        for name, call in _METHODS.items()
        if not callable(getattr(detector, name, None))
    ]
    if missing:
        raise SettingsError(
            f"{where}: a {type(detector).__name__} lacks {' and '.join(missing)}; "
            "add it as docs/peers.md shows"
        )
