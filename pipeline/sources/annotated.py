"""What LAV-DF and AV-Deepfake1M share: a JSON list of files with their manipulated periods."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from avdf.cache.errors import SourceError
from avdf.cache.video import FAKE, REAL, Period, VideoInfo
from avdf.pipeline.sources.listing import Listing, unlisted_media

_HEAD_BYTES = 1 << 14  # enough to see the keys of the first entry

CATEGORIES = {(REAL, REAL): "RVRA", (REAL, FAKE): "RVFA", (FAKE, REAL): "FVRA", (FAKE, FAKE): "FVFA"}
Entry = Mapping[str, Any]


def has_keys(path: Path, *keys: str) -> bool:
    """Whether a JSON file is a list whose first entries have these keys. Only its head is read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8", errors="ignore").lstrip("\ufeff \n\r\t")
    return head.startswith("[") and all(f'"{key}"' in head for key in keys)


def read_entries(path: Path) -> list[Entry]:
    """The entries of such a file; keys that are not known do no harm.

    Raises:
        SourceError: it is not a JSON list of objects.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: cannot be read as JSON ({error})") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SourceError(f"{path}: not a list of files with their labels")
    return entries


def listing_of(
    root: Path, dataset: str, entries: Iterable[tuple[Path, Entry]], info: Callable[[Entry], VideoInfo]
) -> Listing:
    """The videos of entries, each with the file that it was read from.

    Raises:
        SourceError: an entry lacks a key or has a value that is not understood; the message says which.
    """
    videos = []
    for number, (path, entry) in enumerate(entries):
        try:
            videos.append(info(entry))
        except (KeyError, TypeError, ValueError) as error:
            what = f"no key {error}" if isinstance(error, KeyError) else str(error)
            raise SourceError(f"{path}, entry {number} ({entry.get('file', 'no file')}): {what}") from None
    return Listing(dataset, tuple(videos), (), unlisted_media(root, videos))


def periods(spans: Iterable[Any], visual: int, audio: int) -> tuple[Period, ...]:
    """Spans `[start, end]` in seconds, with what is manipulated in them."""
    return tuple(Period(float(start), float(end), visual, audio) for start, end in spans)
