"""Datasets whose metadata are JSON lists, one entry for each file: LAV-DF and AV-Deepfake1M."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from avdf.cache.core.counted import counted
from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.faults import each_once, faulty, refuse_mostly_faulty
from avdf.pipeline.sources.json_file import json_entries
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.media_files import unlisted_media
from avdf.pipeline.sources.packed_videos import PackedVideos

Entry = Mapping[str, Any]
"""One entry of the metadata; keys that are not known do no harm."""

# (label_visual, label_audio) -> category
CATEGORIES = {
    (REAL, REAL): "RVRA",
    (REAL, FAKE): "RVFA",
    (FAKE, REAL): "FVRA",
    (FAKE, FAKE): "FVFA",
}

_NOT_UNDERSTOOD = (KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True)
class EntryReader:
    """How a dataset reads its entries. Both functions take the path of the table first.

    info      the video of an entry; may raise KeyError, TypeError, ValueError and the like
    location  id and path of a file's name, for an entry of which no more is understood
    """

    dataset: str
    info: Callable[[Path, Entry], VideoInfo]
    location: Callable[[Path, str], tuple[str, Path]]


def read_entries(
    root: Path,
    tables: Iterable[Path],
    reader: EntryReader,
    notes: tuple[str, ...] = (),
) -> Listing:
    """The videos of the entries. An entry that is not understood is a faulty video, no error.

    Args:
        tables: JSON files below the root.
        notes: sentences for the user, to which those about the entries are added.

    Raises:
        SourceError: a table cannot be read, or most of it is not understood; the message says what.
    """
    by_table = []
    for table in tables:
        found = PackedVideos(
            _read(table, number, entry, reader)
            for number, entry in enumerate(json_entries(table))
        )
        refuse_mostly_faulty(table, found)
        by_table.append(found)
    videos = PackedVideos(chain.from_iterable(by_table))
    by_table.clear()
    if not videos:
        raise SourceError(
            f"{root}: the metadata of {reader.dataset} lists no videos; unpack it again"
        )
    listed = each_once(videos)
    repeated = len(videos) - len(listed)
    if repeated:
        note = (
            f"metadata: {counted(repeated, 'entry', 'entries')} repeated and taken once"
        )
        notes = (*notes, note)
    return Listing(
        reader.dataset,
        listed,
        notes,
        unlisted_media(root, listed),
    )


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


def _read(
    table: Path,
    number: int,
    entry: Any,
    reader: EntryReader,
) -> VideoInfo:
    try:
        if not isinstance(entry, dict):
            raise ValueError("not an object with names and values")
        return reader.info(table, entry)
    except _NOT_UNDERSTOOD as error:
        reason = f"no key {error}" if isinstance(error, KeyError) else str(error)
    return _faulty(table, number, entry, reason, reader)


def _faulty(
    table: Path,
    number: int,
    entry: Any,
    reason: str,
    reader: EntryReader,
) -> VideoInfo:
    """The row of an entry that is not understood, under its file's name if that is."""
    name = entry.get("file") if isinstance(entry, dict) else None
    shown = name if isinstance(name, str) else "no file"
    try:
        if not isinstance(name, str):
            raise ValueError("no file is named")
        video_id, path = reader.location(table, name)
    except (TypeError, ValueError, AttributeError):
        video_id, path = f"{table.name}, entry {number}", table
    fault = f"{table.name}, entry {number} ({shown}): {reason}"
    return faulty(reader.dataset, path, video_id, fault)
