"""Signs that a plain folder holds labels which nobody has read, so that none is lost silently."""

import re
from pathlib import Path

# Words that names of folders and tables use for labels: `Celeb-real`, `FakeVideo-FakeAudio`.
_LABEL_WORDS = re.compile(
    r"real|fake|genuine|original|pristine|bona.?fide|spoof|forged|manipulat|synth"
    r"|label|meta.?data|split",
    re.IGNORECASE,
)
_TABLE_SUFFIXES = (".csv", ".json", ".tsv", ".txt", ".xlsx")
_HEAD_BYTES = 4096  # of a table that are looked at
_MOST_NAMED = 5


def signs_of_labels(root: Path) -> str:
    """One sentence where a plain folder holds what looks like labels; '' where nothing does.

    Looked at are the names of folders and tables at the root and one level down, and the first
    words of the tables.
    """
    paths = _visible(root)
    below = [inner for path in paths if path.is_dir() for inner in _visible(path)]
    signs = [path for path in (*paths, *below) if _speaks_of_labels(path)]
    if not signs:
        return ""
    names = ", ".join(path.relative_to(root).as_posix() for path in signs[:_MOST_NAMED])
    more = f" and {len(signs) - _MOST_NAMED} more" if len(signs) > _MOST_NAMED else ""
    return (
        f"{root} is not one of the known datasets and is taken as a plain folder: "
        f"no label is known, although {names}{more} may hold labels; "
        "to use them, name a manifest (a CSV file with path,label) as the source"
    )


def _visible(folder: Path) -> list[Path]:
    """What is in a folder and not hidden; nothing if it cannot be read."""
    try:
        return [
            path for path in sorted(folder.iterdir()) if not path.name.startswith(".")
        ]
    except OSError:
        return []


def _speaks_of_labels(path: Path) -> bool:
    if path.is_dir():
        return bool(_LABEL_WORDS.search(path.name))
    if path.suffix.lower() not in _TABLE_SUFFIXES or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8", errors="ignore")
    return bool(_LABEL_WORDS.search(path.name) or _LABEL_WORDS.search(head))
