"""Who owns a folder: a command writes only where the folder is new, empty, or of the command's own kind.

A hidden mark, written before anything else, says of which kind a folder is. So a command that was
interrupted finds its folder again, and nobody's own `videos.csv` is ever taken for one of ours.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import write_text

OWNER_FILE = ".avdf.json"
_FORMAT = "avdf-folder"

Kind = Literal["shards", "run", "scores", "evaluation", "reproduction", "demo"]

_WORDS: dict[Kind, str] = {
    "shards": "shards made by `avdf prep`",
    "run": "a run of `avdf train`",
    "scores": "scores of `avdf score`",
    "evaluation": "an evaluation of `avdf evaluate`",
    "reproduction": "tables of `avdf reproduce`",
    "demo": "a demo of `avdf demo`",
}

# Folders that were made before there was a mark: all of these files tell the kind.
_SIGNS: dict[Kind, tuple[str, ...]] = {
    "shards": ("prep.json",),
    "run": ("config.json", "log.jsonl"),
    "scores": ("segments.csv", "videos.csv", "metrics.json", "report.html"),
}

_START_BYTES = 1 << 12
_UNSEEN = {"lost+found"}  # of a file system's own


def check_folder(folder: Path, kind: Kind, inputs: Iterable[str | Path] = ()) -> None:
    """Refuse a place for a command's output that is not its own, or that it also reads.

    Raises:
        SettingsError: it is a file, holds something else, or one of the inputs lies in it.
    """
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file; give --out the name of a folder")
    for place in inputs:
        _refuse_input(folder, place)
    seen = _visible(folder)
    if not seen:
        return
    found = kind_of(folder)
    if found == kind:
        return
    what = _WORDS[found] if found else f"files that are not of avdf ({seen[0]}, ...)"
    raise SettingsError(
        f"{folder} holds {what}; give --out a new or empty folder, so that nothing is overwritten"
    )


def claim_folder(folder: Path, kind: Kind, inputs: Iterable[str | Path] = ()) -> None:
    """Make a folder for a command's output and mark it, or find it made by the same command.

    Raises:
        SettingsError: see `check_folder`. OSError: it cannot be made.
    """
    check_folder(folder, kind, inputs)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / OWNER_FILE).is_file() or kind_of(folder) != kind:
        write_text(folder / OWNER_FILE, json.dumps({"format": _FORMAT, "kind": kind}))


def check_file(path: Path, is_own: Callable[[bytes], bool], what: str) -> None:
    """Refuse to replace a file that the same command cannot have written, to judge by how it begins.

    Raises:
        SettingsError: a folder, or another file.
    """
    if path.is_dir():
        raise SettingsError(f"{path} is a folder; name a file for {what}")
    if not path.exists():
        return
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    if start and not is_own(start):
        raise SettingsError(f"{path} is there and is not {what}; name another file, or remove it")


def kind_of(folder: Path) -> Kind | None:
    """Of which kind a folder is; None where it is nobody's that we know."""
    try:
        content = json.loads((folder / OWNER_FILE).read_text(encoding="utf-8"))
        named = content["kind"] if content.get("format") == _FORMAT else ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        named = ""
    for kind in _WORDS:
        if kind == named:
            return kind
    return next(
        (
            kind
            for kind, names in _SIGNS.items()
            if all((folder / name).is_file() for name in names)
        ),
        None,
    )


def _refuse_input(folder: Path, place: str | Path) -> None:
    if "://" in str(place):
        return
    here, there = Path(os.path.realpath(folder)), Path(os.path.realpath(place))
    if there == here or here in there.parents:
        raise SettingsError(
            f"{place} is read, and --out {folder} would be written over it; use another --out"
        )


def _visible(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir())
    return sorted(name for name in names if not name.startswith(".") and name not in _UNSEEN)
