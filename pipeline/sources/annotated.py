"""What LAV-DF and AV-Deepfake1M share: a JSON list of files with their manipulated periods."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import Period, VideoInfo
from avdf.pipeline.sources.listing import (
    Listing,
    each_once,
    faulty,
    refuse_mostly_faulty,
    unlisted_media,
)

_HEAD_BYTES = 1 << 14  # enough to see the keys of the first entry

CATEGORIES = {
    (REAL, REAL): "RVRA",
    (REAL, FAKE): "RVFA",
    (FAKE, REAL): "FVRA",
    (FAKE, FAKE): "FVFA",
}
Entry = Mapping[str, Any]
Span = tuple[float, float]


def json_head(path: Path) -> str:
    """The first characters of a JSON file; '' where there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES).decode("utf-8", errors="ignore").lstrip("\ufeff \n\r\t")


def has_keys(path: Path, *keys: str) -> bool:
    """Whether a JSON file is a list whose first entries have these keys. Only its head is read."""
    head = json_head(path)
    return head.startswith("[") and all(f'"{key}"' in head for key in keys)


def read_entries(path: Path) -> list[Any]:
    """The entries of such a file; keys that are not known do no harm.

    Raises:
        SourceError: it is not a JSON list.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(entries, list):
        raise SourceError(f"{path}: not a list of files with their labels")
    return entries


def listing_of(
    root: Path,
    dataset: str,
    tables: Iterable[Path],
    info: Callable[[Path, Entry], VideoInfo],
    place: Callable[[Path, str], tuple[str, Path]],
    notes: tuple[str, ...] = (),
) -> Listing:
    """The videos of the tables' entries. An entry that is not understood is a faulty video, and ends nothing.

    Args:
        info: the video of an entry of a table.
        place: id and path of a name in a table, for an entry of which no more is understood.

    Raises:
        SourceError: a table cannot be read, or most of it is not understood; the message says what.
    """
    videos: list[VideoInfo] = []
    for path in tables:
        mine = [
            _video(dataset, path, number, entry, info, place)
            for number, entry in enumerate(read_entries(path))
        ]
        refuse_mostly_faulty(path, mine)
        videos += mine
    if not videos:
        raise SourceError(f"{root}: the metadata of {dataset} lists no videos; unpack it again")
    listed = each_once(videos)
    if len(listed) < len(videos):
        repeated = (
            f"{len(videos) - len(listed)} entries stand twice in the metadata; each was taken once"
        )
        notes = (*notes, repeated)
    return Listing(dataset, tuple(listed), notes, unlisted_media(root, listed))


def _video(
    dataset: str,
    path: Path,
    number: int,
    entry: Any,
    info: Callable[[Path, Entry], VideoInfo],
    place: Callable[[Path, str], tuple[str, Path]],
) -> VideoInfo:
    try:
        if not isinstance(entry, dict):
            raise ValueError("not an object with names and values")
        return info(path, entry)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        what = f"no key {error}" if isinstance(error, KeyError) else str(error)
    name = entry.get("file") if isinstance(entry, dict) else None
    what = f"entry {number} ({name if isinstance(name, str) else 'no file'}): {what}"
    try:
        name, file = place(path, name)  # type: ignore[arg-type]  # refused there if it is no text
    except (TypeError, ValueError, AttributeError):
        name, file = f"{path.name}, entry {number}", path
    return faulty(dataset, file, name, f"{path.name}, {what}")


def file_of(entry: Entry) -> str:
    """The name of an entry's file.

    Raises:
        KeyError: there is none.
        ValueError: it is no text.
    """
    name = entry["file"]
    if not isinstance(name, str):
        raise ValueError(f"file {name!r} is not a name")
    return name


def spans(values: Any) -> list[Span]:
    """Spans `[[start, end], ...]` in seconds, each once, in their order; a list that is `null` is empty.

    Raises:
        ValueError: a span is not two numbers that run forward from 0.
    """
    found: dict[Span, None] = {}
    for value in values or ():
        try:
            start, end = (float(edge) for edge in value)
        except (TypeError, ValueError):
            raise ValueError(f"the span {value!r} is not [start, end] in seconds") from None
        if not (0 <= start <= end and math.isfinite(end)):
            raise ValueError(f"the span [{start:g}, {end:g}] does not run forward from 0 s")
        found[start, end] = None
    return list(found)


def periods(values: Any, visual: int, audio: int) -> tuple[Period, ...]:
    """Spans `[start, end]` in seconds, with what is manipulated in them."""
    return tuple(Period(start, end, visual, audio) for start, end in spans(values))
