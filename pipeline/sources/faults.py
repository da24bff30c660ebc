"""Entries of a dataset that cannot be understood: a row for each, unless most are like that."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo


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


def refuse_mostly_faulty(table: Path, videos: Sequence[VideoInfo]) -> None:
    """Accept a table of which at least half is understood; another one is not the dataset's.

    Raises:
        SourceError: more than half of the videos are faulty; the message names the first.
    """
    faults = [video for video in videos if video.fault]
    if 2 * len(faults) > len(videos):
        raise SourceError(
            f"{table}: {len(faults)} of {len(videos)} entries are not understood; "
            f"the first is {faults[0].id}: {faults[0].fault}"
        )


def each_once(videos: Iterable[VideoInfo]) -> list[VideoInfo]:
    """The videos without repetitions that say the same; a fault's repetitions are one fault."""
    return list(
        {(video.id if video.fault else video): video for video in videos}.values()
    )
