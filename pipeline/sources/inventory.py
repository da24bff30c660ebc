"""Count what a listing holds before anything runs, and what is missing or left out."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.packed_videos import PackedVideos

Counts = Counter[tuple[str, int]]


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
    missing: Sequence[VideoInfo]
    unlisted: tuple[Path, ...]
    crossing: tuple[str, ...]
    periods: int
    faults: Sequence[VideoInfo] = ()


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
    # (value, label) -> number of videos, for each column; all in one pass through the videos.
    counts: dict[str, Counts] = {title: Counter() for title in _COLUMNS}
    splits = _Splits()
    missing, faults = PackedVideos(), PackedVideos()
    periods = 0
    for video in listing.videos:
        for title, column in _COLUMNS.items():
            counts[title][column(video), video.label] += 1
        splits.add(video)
        periods += len(video.periods)
        if video.fault:
            faults.add(video)
        elif not os.path.isfile(video.path):  # noqa: PTH113
            missing.add(video)
    tables = {title: _rows(found) for title, found in counts.items()}
    return Inventory(
        videos=len(listing.videos),
        tables={title: rows for title, rows in tables.items() if _has_values(rows)},
        missing=missing,
        unlisted=listing.unlisted,
        crossing=splits.crossing(),
        periods=periods,
        faults=faults,
    )


def _has_values(rows: Sequence[ValueCount]) -> bool:
    return any(row.value for row in rows)


def _rows(counts: Counts) -> tuple[ValueCount, ...]:
    totals: Counter[str] = Counter()
    for (value, _), count in counts.items():
        totals[value] += count
    return tuple(
        ValueCount(value, totals[value], counts[value, REAL], counts[value, FAKE])
        for value in sorted(totals)
    )


class _Splits:
    """In which splits each identity is."""

    def __init__(self) -> None:
        # Nearly every identity has one split, so that no set is held for each.
        self._first: dict[str, str] = {}
        self._crossing: set[str] = set()

    def add(self, video: VideoInfo) -> None:
        if not (video.identity and video.split):
            return
        if self._first.setdefault(video.identity, video.split) != video.split:
            self._crossing.add(video.identity)

    def crossing(self) -> tuple[str, ...]:
        """The identities that are in more than one split, in order."""
        return tuple(sorted(self._crossing))
