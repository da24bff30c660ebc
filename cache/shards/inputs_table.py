"""`videos.csv` beside the shards: every input that preparation was given, with what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import ShardError
from avdf.cache.core.periods import parse_periods
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows

VIDEOS_FILE = "videos.csv"
OK = "ok"
_KIND = TableKind(
    ("id", "path", "status", "reason"), ShardError, "run the same `avdf prep` again on this folder"
)


@dataclass(frozen=True)
class ListedVideo:
    """A line of the table: a video, whether it was prepared, and the file name of its shard ('': not told)."""

    info: VideoInfo
    prepared: bool
    shard: str


@dataclass(frozen=True)
class Unprepared:
    """A listed video that could not be prepared, with its status and the reason."""

    info: VideoInfo
    status: str
    reason: str


def list_unprepared(shards: Path) -> tuple[Unprepared, ...]:
    """What preparation could not do; nothing where there is no table (or `shards` is a single shard).

    Raises:
        ShardError: the table cannot be understood, lists nothing, or lists a video twice.
    """
    table = shards / VIDEOS_FILE
    if not table.is_file():
        return ()
    found: list[Unprepared] = []
    names: set[str] = set()
    for line, row in read_rows(table, _KIND):
        if row["id"] in names:
            raise ShardError(f"{table}, line {line}: {row['id']!r} is listed twice; {_KIND.advice}")
        names.add(row["id"])
        if row["status"] != OK:
            found.append(_unprepared(table, line, row))
    if not names:
        raise ShardError(f"{table}: lists no video although shards lie beside it; {_KIND.advice}")
    return tuple(found)


def list_inputs(shards: Path) -> tuple[ListedVideo, ...] | None:
    """Every line of the table; None where there is no table.

    Raises:
        ShardError: the table cannot be understood.
    """
    table = shards / VIDEOS_FILE
    if not table.is_file():
        return None
    found = []
    for line, row in read_rows(table, _KIND):
        try:
            found.append(ListedVideo(_info(row), row["status"] == OK, row.get("shard", "")))
        except ValueError as error:
            raise ShardError(f"{table}, line {line}: {error}; {_KIND.advice}") from None
    return tuple(found)


def preparation_notes(shards: Path) -> dict[str, str]:
    """What preparation said of videos that it did prepare, by id: damage met on the way, other faces, conversions.

    Raises:
        ShardError: the table cannot be understood.
    """
    table = shards / VIDEOS_FILE
    if not table.is_file():
        return {}
    return {
        row["id"]: row["reason"]
        for _, row in read_rows(table, _KIND)
        if row["status"] == OK and row["reason"]
    }


def _unprepared(table: Path, line: int, row: Mapping[str, str]) -> Unprepared:
    try:
        if not row["status"]:
            raise ValueError("the status is empty")
        return Unprepared(_info(row), row["status"], row["reason"])
    except ValueError as error:
        raise ShardError(f"{table}, line {line}: {error}; {_KIND.advice}") from None


def _info(row: Mapping[str, str]) -> VideoInfo:
    known: dict[str, Any] = {
        name: value for name, value in row.items() if name in VideoInfo.__dataclass_fields__
    }
    labels = {name: int(value) for name, value in known.items() if name.startswith("label")}
    flags = {
        "synthetic": row.get("synthetic") == "1",
        "periods": parse_periods(row.get("periods", "")),
    }
    return VideoInfo(**(known | labels | flags))
