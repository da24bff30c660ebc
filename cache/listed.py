"""`videos.csv` beside the shards: every input that preparation was given, with what became of it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.errors import ShardError
from avdf.cache.video import VideoInfo

VIDEOS_FILE = "videos.csv"
OK = "ok"


@dataclass(frozen=True)
class Unprepared:
    """A listed video that could not be prepared, with its status and the reason."""

    info: VideoInfo
    status: str
    reason: str


def list_unprepared(shards: Path) -> tuple[Unprepared, ...]:
    """What preparation could not do; nothing where there is no table (or `shards` is a single shard).

    Raises:
        ShardError: the table cannot be understood.
    """
    table = shards / VIDEOS_FILE
    if not table.is_file():
        return ()
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["status"] != OK]
        return tuple(Unprepared(_info(row), row["status"], row["reason"]) for row in rows)
    except (KeyError, ValueError, TypeError) as error:
        raise ShardError(f"{table}: not a table of `avdf prep` ({error}); run it again on the same folder") from None


def _info(row: Mapping[str, str]) -> VideoInfo:
    known: dict[str, Any] = {name: value for name, value in row.items() if name in VideoInfo.__dataclass_fields__}
    labels = {name: int(value) for name, value in known.items() if name.startswith("label")}
    return VideoInfo(**(known | labels | {"synthetic": row.get("synthetic") == "1"}))
