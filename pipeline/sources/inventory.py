"""Count what a listing holds before anything runs, and what is missing or left out."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.listing import Listing


class ValueCount(NamedTuple):
    """How many videos have a value, and how many of these are real and fake."""

    value: str
    videos: int
    real: int
    fake: int


@dataclass(frozen=True)
class Inventory:
    """Counts of a listing.

    tables    title -> counts, in order of the values
    missing   listed, but no such file
    unlisted  there, but not listed
    crossing  identities that are in more than one split
    periods   number of manipulated periods
    faults    listed, but what the dataset says of them is not understood
    """

    videos: int
    tables: dict[str, tuple[ValueCount, ...]]
    missing: tuple[VideoInfo, ...]
    unlisted: tuple[Path, ...]
    crossing: tuple[str, ...]
    periods: int
    faults: tuple[VideoInfo, ...] = ()


def _modalities(video: VideoInfo) -> str:
    return f"{label_name(video.label_visual)} frames, {label_name(video.label_audio)} audio"


_COLUMNS: dict[str, Callable[[VideoInfo], str]] = {
    "dataset": lambda video: video.dataset,
    "split": lambda video: video.split or "(by identity)",
    "frames and audio": _modalities,
    "category": lambda video: video.category,
    "method": lambda video: video.method,
    "group": lambda video: video.group,
    "gender": lambda video: video.gender,
}


def take_inventory(listing: Listing) -> Inventory:
    """Count a listing and look for its files."""
    videos = listing.videos
    tables = {title: _count(videos, column) for title, column in _COLUMNS.items()}
    tables = {title: rows for title, rows in tables.items() if _has_values(rows)}
    faults = tuple(video for video in videos if video.fault)
    understood = [video for video in videos if not video.fault]
    missing = tuple(video for video in understood if not video.file.is_file())
    return Inventory(
        videos=len(videos),
        tables=tables,
        missing=missing,
        unlisted=listing.unlisted,
        crossing=_in_several_splits(videos),
        periods=sum(len(video.periods) for video in videos),
        faults=faults,
    )


def _has_values(rows: Sequence[ValueCount]) -> bool:
    return any(row.value for row in rows)


def _count(
    videos: Sequence[VideoInfo],
    column: Callable[[VideoInfo], str],
) -> tuple[ValueCount, ...]:
    all_videos = Counter(column(video) for video in videos)
    by_label = Counter((column(video), video.label) for video in videos)
    return tuple(
        ValueCount(
            value,
            all_videos[value],
            by_label[value, REAL],
            by_label[value, FAKE],
        )
        for value in sorted(all_videos)
    )


def _in_several_splits(videos: Sequence[VideoInfo]) -> tuple[str, ...]:
    splits: dict[str, set[str]] = {}
    for video in videos:
        if video.identity and video.split:
            splits.setdefault(video.identity, set()).add(video.split)
    return tuple(sorted(name for name, found in splits.items() if len(found) > 1))
