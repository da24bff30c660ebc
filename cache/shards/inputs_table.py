"""`videos.csv` beside the shards: every input of the preparation, with its status."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import ShardError
from avdf.cache.core.labels import LABEL_COLUMNS
from avdf.cache.core.periods import parse_periods
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows

VIDEOS_FILE = "videos.csv"
OK = "ok"
_KIND = TableKind(
    ("id", "path", "status", "reason"),
    ShardError,
    "run the same `avdf prep` again on this folder",
)


@dataclass(frozen=True)
class ListedVideo:
    """A row of the table: a video, whether it was prepared, and the file name of its shard.

    `shard` is '' in tables of old versions.
    """

    info: VideoInfo
    prepared: bool
    shard: str


@dataclass(frozen=True)
class Unprepared:
    """A video that could not be prepared, with its status and the reason."""

    info: VideoInfo
    status: str
    reason: str


def list_unprepared(shards: Path) -> tuple[Unprepared, ...]:
    """The videos that could not be prepared; empty where `shards` has no table or is one shard.

    Raises:
        ShardError: the table cannot be understood, lists nothing, or lists a video twice.
    """
    table = shards / VIDEOS_FILE
    if not table.is_file():
        return ()
    unprepared: list[Unprepared] = []
    ids: set[str] = set()
    for line, row in read_rows(table, _KIND):
        if row["id"] in ids:
            raise _fault(table, line, f"{row['id']!r} is listed twice")
        ids.add(row["id"])
        if row["status"] == OK:
            continue
        if not row["status"]:
            raise _fault(table, line, "the status is empty")
        info = _video_info(table, line, row)
        unprepared.append(Unprepared(info, row["status"], row["reason"]))
    if not ids:
        raise ShardError(
            f"{table}: lists no video although shards lie beside it; {_KIND.advice}"
        )
    return tuple(unprepared)


def list_inputs(shards: Path) -> tuple[ListedVideo, ...] | None:
    """Every row of the table; None where there is no table.

    Raises:
        ShardError: the table cannot be understood.
    """
    table = shards / VIDEOS_FILE
    return tuple(_listed_videos(table)) if table.is_file() else None


def preparation_notes(shards: Path) -> dict[str, str]:
    """What the preparation noted about prepared videos, by id: damage, other faces, conversions.

    Raises:
        ShardError: the table cannot be understood.
    """
    table = shards / VIDEOS_FILE
    if not table.is_file():
        return {}
    prepared = (row for _, row in read_rows(table, _KIND) if row["status"] == OK)
    return {row["id"]: row["reason"] for row in prepared if row["reason"]}


def _listed_videos(table: Path) -> Iterator[ListedVideo]:
    for line, row in read_rows(table, _KIND):
        info = _video_info(table, line, row)
        yield ListedVideo(info, row["status"] == OK, row.get("shard", ""))


def _video_info(table: Path, line: int, row: Mapping[str, str]) -> VideoInfo:
    values: dict[str, Any] = {
        name: value
        for name, value in row.items()
        if name in VideoInfo.__dataclass_fields__
    }
    try:
        # The numbers that preparation writes; tables of users are read by their own spellings.
        values |= {name: int(row[name]) for name in LABEL_COLUMNS if name in row}
        values["synthetic"] = row.get("synthetic") == "1"
        values["periods"] = parse_periods(row.get("periods", ""))
        return VideoInfo(**values)
    except ValueError as error:
        raise _fault(table, line, str(error)) from None


def _fault(table: Path, line: int, what: str) -> ShardError:
    return ShardError(f"{table}, line {line}: {what}; {_KIND.advice}")
