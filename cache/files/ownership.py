"""Which command owns a folder: each writes only into a new folder, an empty one, or one of its own.

A hidden file, written before anything else, states the kind of the folder. So a command that was
interrupted recognises its folder, and never takes a user's own `videos.csv` for one of avdf's.
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

Kind = Literal[
    "shards",
    "run",
    "scores",
    "evaluation",
    "reproduction",
    "demo",
    "case",
    "forgeries",
]

_DESCRIPTIONS: dict[Kind, str] = {
    "shards": "shards made by `avdf prep`",
    "run": "a run of `avdf train`",
    "scores": "scores of `avdf score`",
    "evaluation": "an evaluation of `avdf evaluate`",
    "reproduction": "tables of `avdf reproduce`",
    "demo": "a demo of `avdf demo`",
    "case": "a case of `avdf case make`",
    "forgeries": "forgeries of `avdf forge`",
}

# Folders of old versions have no owner file; all of these files together tell their kind.
_TYPICAL_FILES: dict[Kind, tuple[str, ...]] = {
    "shards": ("prep.json",),
    "run": ("config.json", "log.jsonl"),
    "scores": ("segments.csv", "videos.csv", "metrics.json", "report.html"),
}

_START_BYTES = 1 << 12
_SYSTEM_NAMES = {"lost+found"}  # that a file system makes by itself


def check_folder(folder: Path, kind: Kind, inputs: Iterable[str | Path] = ()) -> None:
    """Refuse a folder for a command's output that is not its own, or that it also reads.

    Raises:
        SettingsError: it is a file, holds something else, or contains one of the inputs.
    """
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file; name a folder for the output")
    for path in inputs:
        _refuse_input_inside(folder, path)
    names = _visible_names(folder)
    if not names:
        return
    found = kind_of(folder)
    if found == kind:
        return
    what = (
        _DESCRIPTIONS[found]
        if found
        else f"files that are not of avdf ({names[0]}, ...)"
    )
    raise SettingsError(
        f"{folder} holds {what}; name a new or empty folder for the output, "
        "so that nothing is overwritten"
    )


def claim_folder(folder: Path, kind: Kind, inputs: Iterable[str | Path] = ()) -> None:
    """Make a folder for a command's output and write its owner file, unless it has one.

    Raises:
        SettingsError: as for `check_folder`, or the folder cannot be made.
    """
    check_folder(folder, kind, inputs)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be made ({error.strerror}); name another output folder"
        ) from None
    owner_file = folder / OWNER_FILE
    if not owner_file.is_file() or kind_of(folder) != kind:
        write_text(owner_file, json.dumps({"format": _FORMAT, "kind": kind}))


def check_file(path: Path, is_own: Callable[[bytes], bool], what: str) -> None:
    """Refuse to replace a file that the same command cannot have written.

    Args:
        is_own: decides by the first bytes of the file.
        what: the name of the content, for the message.

    Raises:
        SettingsError: it is a folder, or another file.
    """
    if path.is_dir():
        raise SettingsError(f"{path} is a folder; name a file for {what}")
    if not path.exists():
        return
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    if start and not is_own(start):
        raise SettingsError(
            f"{path} exists and is not {what}; name another file, or remove this one"
        )


def kind_of(folder: Path) -> Kind | None:
    """The kind of a folder; None for a folder that avdf did not make."""
    stated = _stated_kind(folder)
    for kind in _DESCRIPTIONS:
        if kind == stated:
            return kind
    for kind, names in _TYPICAL_FILES.items():
        if all((folder / name).is_file() for name in names):
            return kind
    return None


def is_output(folder: Path) -> bool:
    """Whether a command writes its results into a folder, so that it holds no input for others.

    Demos, reproductions and forgeries are excepted: they hold a dataset.
    """
    return _stated_kind(folder) in ("shards", "run", "scores", "evaluation", "case")


def _stated_kind(folder: Path) -> str:
    """What the owner file states; '' where there is none, or another program's."""
    try:
        content = json.loads((folder / OWNER_FILE).read_text(encoding="utf-8"))
        return str(content["kind"]) if content.get("format") == _FORMAT else ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def _refuse_input_inside(folder: Path, path: str | Path) -> None:
    if "://" in str(path):
        return
    output, source = Path(os.path.realpath(folder)), Path(os.path.realpath(path))
    if source == output or output in source.parents:
        raise SettingsError(
            f"{path} is read, and the output in {folder} would be written over it; "
            "use another folder"
        )


def _visible_names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir())
    return sorted(
        name for name in names if not name.startswith(".") and name not in _SYSTEM_NAMES
    )
