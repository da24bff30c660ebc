"""JSON files of datasets: recognised by their heads, read entry by entry."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from avdf.cache.core.errors import SourceError

_HEAD_BYTES = 1 << 14  # enough to see the keys of the first entry
_PART = 1 << 20  # characters that are read at a time
_IN_NUMBERS = "0123456789.eE+-"


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


def json_entries(path: Path) -> Iterator[Any]:
    """The entries of a JSON list, one after another: a list may have a million.

    Raises:
        SourceError: it is not one.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _entries(file)
    except _NoListError:
        raise SourceError(f"{path}: not a list of files with their labels") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: cannot be read as JSON ({error})") from None


class _NoListError(Exception):
    """JSON, but not a list."""


def _entries(file: IO[str]) -> Iterator[Any]:
    text = _Text(file)
    if text.next_character() != "[":
        file.seek(0)
        json.load(file)  # raises ValueError where it is no JSON at all
        raise _NoListError
    text.skip()
    if text.next_character() == "]":
        text.skip()
    else:
        following = ","
        while following == ",":
            yield text.value()
            following = text.next_character()
            if following not in (",", "]"):
                raise text.error("expected a comma or the end of the list")
            text.skip()
    if text.next_character():
        raise text.error("expected nothing after the list")


class _Text:
    """The part of a file's text that is read but not yet understood."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._decoder = file, json.JSONDecoder()
        self._text, self._place = "", 0
        self._before = 0  # characters of the file before the text

    def next_character(self) -> str:
        """The next character that is no space; '' at the end of the file."""
        while True:
            while self._place < len(self._text):
                if self._text[self._place] not in " \t\n\r":
                    return self._text[self._place]
                self._place += 1
            if not self._read_on():
                return ""

    def skip(self) -> None:
        """Go on by one character."""
        self._place += 1

    def value(self) -> Any:
        """The next value."""
        if not self.next_character():
            raise self.error("the file ends too early")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                # It may only be cut off; twice as much is read each time.
                if not self._read_on():
                    place = self._before + error.pos
                    raise ValueError(f"{error.msg} at character {place}") from None
                continue
            # Of a number at the end of the text, more may follow: 1.5 and e3 make one number.
            is_whole = end < len(self._text) and self._text[end] not in _IN_NUMBERS
            if is_whole or not self._read_on():
                self._place = end
                return value

    def error(self, what: str) -> ValueError:
        """An error that says where it is."""
        return ValueError(f"{what} at character {self._before + self._place}")

    def _read_on(self) -> bool:
        """Read more of the file; False at its end."""
        kept = self._text[self._place :]
        part = self._file.read(max(_PART, len(kept)))
        if not part:
            return False
        self._before += self._place
        self._text, self._place = kept + part, 0
        return True
