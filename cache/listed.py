"""`videos.csv` beside the shards: every input that preparation was given, with what became of it."""

import csv
from dataclasses import dataclass
from pathlib import Path

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
    names = VideoInfo.__dataclass_fields__
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["status"] != OK]
        return tuple(
            Unprepared(
                VideoInfo(**{k: int(v) if k.startswith("label") else v for k, v in row.items() if k in names}),  # type: ignore[arg-type]
                row["status"],
                row["reason"],
            )
            for row in rows
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ShardError(f"{table}: not a table of `avdf prep` ({error}); run it again on the same folder") from None
