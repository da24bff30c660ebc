"""What a listing holds, counted before anything runs: per split, kind, method and group; what is missing or left."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources import Listing


@dataclass(frozen=True)
class Inventory:
    """Counts of a listing.

    tables     title -> (value, videos, of them real, of them fake), in order of value
    missing    listed, but no such file
    unlisted   there, but not listed
    crossing   identities that are in more than one split
    faults     listed, but what the dataset says of them is not understood
    """

    videos: int
    tables: dict[str, tuple[tuple[str, int, int, int], ...]]
    missing: tuple[VideoInfo, ...]
    unlisted: tuple[Path, ...]
    crossing: tuple[str, ...]
    periods: int
    faults: tuple[VideoInfo, ...] = ()


def take_inventory(listing: Listing) -> Inventory:
    """Count a listing and look for its files."""
    columns: dict[str, Callable[[VideoInfo], str]] = {
        "dataset": lambda video: video.dataset,
        "split": lambda video: video.split or "(by identity)",
        "picture and sound": _kind,
        "category": lambda video: video.category,
        "method": lambda video: video.method,
        "group": lambda video: video.group,
        "gender": lambda video: video.gender,
    }
    tables = {title: _table(listing.videos, column) for title, column in columns.items()}
    return Inventory(
        videos=len(listing.videos),
        tables={title: rows for title, rows in tables.items() if any(name for name, *_ in rows)},
        missing=tuple(
            video for video in listing.videos if not video.fault and not video.file.is_file()
        ),
        unlisted=listing.unlisted,
        crossing=_crossing(listing.videos),
        periods=sum(len(video.periods) for video in listing.videos),
        faults=tuple(video for video in listing.videos if video.fault),
    )


def _kind(video: VideoInfo) -> str:
    return f"{label_name(video.label_visual)} picture, {label_name(video.label_audio)} sound"


def _table(
    videos: Sequence[VideoInfo], column: Callable[[VideoInfo], str]
) -> tuple[tuple[str, int, int, int], ...]:
    counts = Counter((column(video), video.label) for video in videos)
    names = sorted({name for name, _ in counts})
    return tuple(
        (
            name,
            sum(count for (value, _), count in counts.items() if value == name),
            counts[name, REAL],
            counts[name, FAKE],
        )
        for name in names
    )


def _crossing(videos: Sequence[VideoInfo]) -> tuple[str, ...]:
    splits: dict[str, set[str]] = {}
    for video in videos:
        if video.identity and video.split:
            splits.setdefault(video.identity, set()).add(video.split)
    return tuple(sorted(name for name, where in splits.items() if len(where) > 1))
