"""What a source holds: every video once, with its labels, and what was noticed on the way."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.errors import SourceError
from avdf.cache.video import VideoInfo

MEDIA_SUFFIXES = frozenset(
    [
        ".3gp",
        ".aac",
        ".asf",
        ".avi",
        ".flac",
        ".flv",
        ".m2ts",
        ".m4a",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogg",
        ".ogv",
        ".opus",
        ".ts",
        ".vob",
        ".wav",
        ".webm",
        ".wmv",
    ]
)


@dataclass(frozen=True)
class Listing:
    """The videos of a source, in a fixed order. `notes` are sentences for the user; `unlisted` lie there unnamed."""

    dataset: str
    videos: tuple[VideoInfo, ...]
    notes: tuple[str, ...] = ()
    unlisted: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for name, count in Counter(video.id for video in self.videos).items():
            if count > 1:
                raise SourceError(f"{name} is listed {count} times; each video needs an id of its own")


def media_files(folder: Path) -> list[Path]:
    """Every media file below a folder by its name's ending, in order; hidden files and folders are left out."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            os.path.join(place, name)  # noqa: PTH118  # ten times as fast as a Path, of which there may be a million
            for name in files
            if name[name.rfind(".") :].lower() in MEDIA_SUFFIXES and not name.startswith(".")
        ]
    return [Path(path) for path in sorted(found)]


def unlisted_media(root: Path, videos: Iterable[VideoInfo]) -> tuple[Path, ...]:
    """Media files below a root that none of the videos is."""
    listed = {video.path for video in videos}
    return tuple(
        path for path in media_files(root.resolve()) if str(path) not in listed and str(path.resolve()) not in listed
    )


def join(listings: Iterable[Listing]) -> Listing:
    """Several sources as one."""
    parts = tuple(listings)
    return Listing(
        dataset="+".join(dict.fromkeys(part.dataset for part in parts)),
        videos=tuple(video for part in parts for video in part.videos),
        notes=tuple(note for part in parts for note in part.notes),
        unlisted=tuple(path for part in parts for path in part.unlisted),
    )
