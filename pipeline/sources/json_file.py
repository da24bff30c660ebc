"""JSON files of datasets: recognised by their heads, read as a whole."""

import json
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError

_HEAD_BYTES = 1 << 14  # enough to see the keys of the first entry


def json_head(path: Path) -> str:
    """The first characters of a JSON file; '' where there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return (
            file.read(_HEAD_BYTES)
            .decode("utf-8", errors="ignore")
            .lstrip("\ufeff \n\r\t")
        )


def is_list_with_keys(path: Path, *keys: str) -> bool:
    """Whether a JSON file is a list whose first entries have these keys. Only its head is read."""
    head = json_head(path)
    return head.startswith("[") and all(f'"{key}"' in head for key in keys)


def read_json_list(path: Path) -> list[Any]:
    """The entries of a JSON list.

    Raises:
        SourceError: it is not one.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(entries, list):
        raise SourceError(f"{path}: not a list of files with their labels")
    return entries
