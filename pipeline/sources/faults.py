"""Entries of a dataset that cannot be understood: a row for each, unless most are like that."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.packed_videos import PackedVideos
from avdf.pipeline.sources.repetitions import repeated


def faulty(
    dataset: str,
    path: Path,
    entry: str,
    reason: str,
) -> VideoInfo:
    """The row of an entry that cannot be used.

    Args:
        path: of the file that the entry names, or else of the table that it is in.
        entry: names it in the dataset.
        reason: why it cannot be used.
    """
    return VideoInfo(
        id=entry,
        path=str(path),
        dataset=dataset,
        fault=reason,
    )


def refuse_mostly_faulty(table: Path, videos: Iterable[VideoInfo]) -> None:
    """Accept a table of which at least half is understood; another one is not the dataset's.

    Raises:
        SourceError: more than half of the videos are faulty; the message names the first.
    """
    first: VideoInfo | None = None
    faults = count = 0
    for video in videos:
        count += 1  # there may be no video
        if video.fault:
            first, faults = first or video, faults + 1
    if first is not None and 2 * faults > count:
        raise SourceError(
            f"{table}: {faults} of {count} entries are not understood; "
            f"the first is {first.id}: {first.fault}"
        )


def each_once(videos: Sequence[VideoInfo]) -> Sequence[VideoInfo]:
    """The videos without repetitions that say the same; a fault's repetitions are one fault."""
    again = repeated(videos, _statement)
    return PackedVideos(_first_ones(videos, again)) if again else videos


def _statement(video: VideoInfo) -> Hashable:
    return video.id if video.fault else video


def _first_ones(
    videos: Iterable[VideoInfo], again: Mapping[Hashable, int]
) -> Iterator[VideoInfo]:
    """The videos; of those that are stated again, the first one."""
    met: set[Hashable] = set()
    for video in videos:
        statement = _statement(video)
        if statement in met:
            continue
        if statement in again:
            met.add(statement)
        yield video
