"""What a source holds: every video once, with its labels, and what was noticed on the way."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.packed_videos import PackedVideos
from avdf.pipeline.sources.repetitions import repeated


@dataclass(frozen=True)
class Listing:
    """The videos of a source, in a fixed order.

    dataset   name; of several sources, joined by `+`
    notes     sentences for the user
    unlisted  media files that are there, but that the dataset does not name
    """

    dataset: str
    videos: Sequence[VideoInfo]
    notes: tuple[str, ...] = ()
    unlisted: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for name in repeated(self.videos, lambda video: video.id):
            raise SourceError(self._why_not(str(name)))

    def _why_not(self, name: str) -> str:
        """What is wrong where an id occurs several times, and what to do."""
        paths = [video.path for video in self.videos if video.id == name]
        if len({os.path.realpath(path) for path in paths}) == 1:
            return f"{paths[0]} is given {len(paths)} times; give each video once"
        return (
            f"{name} is the id of {len(paths)} videos ({', '.join(paths[:2])}); give one folder "
            "that contains them all, or a manifest: there, each path is the id of its video"
        )


def join(listings: Iterable[Listing]) -> Listing:
    """Several listings as one."""
    names: dict[str, None] = {}  # each once, in order
    videos: list[Sequence[VideoInfo]] = []
    notes: list[str] = []
    unlisted: list[Path] = []
    for part in listings:
        names[part.dataset] = None
        videos.append(part.videos)
        notes += part.notes
        unlisted += part.unlisted
    return Listing(
        "+".join(names),
        videos[0] if len(videos) == 1 else PackedVideos(chain.from_iterable(videos)),
        tuple(notes),
        tuple(unlisted),
    )
