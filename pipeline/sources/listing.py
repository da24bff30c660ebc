"""What a source holds: every video once, with its labels, and what was noticed on the way."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo


@dataclass(frozen=True)
class Listing:
    """The videos of a source, in a fixed order.

    dataset   name; of several sources, joined by `+`
    notes     sentences for the user
    unlisted  media files that are there, but that the dataset does not name
    """

    dataset: str
    videos: tuple[VideoInfo, ...]
    notes: tuple[str, ...] = ()
    unlisted: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for name, count in Counter(video.id for video in self.videos).items():
            if count > 1:
                raise SourceError(
                    f"{name} is listed {count} times; each video needs an id of its own"
                )


def join(listings: Iterable[Listing]) -> Listing:
    """Several listings as one."""
    parts = tuple(listings)
    names = dict.fromkeys(part.dataset for part in parts)
    return Listing(
        dataset="+".join(names),
        videos=tuple(video for part in parts for video in part.videos),
        notes=tuple(note for part in parts for note in part.notes),
        unlisted=tuple(path for part in parts for path in part.unlisted),
    )
