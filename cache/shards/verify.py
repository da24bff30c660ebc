"""Verifying shards: what is wrong, and with which video."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.cache.core.errors import ShardError
from avdf.cache.core.safe_text import printable
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.digest import file_sha256
from avdf.cache.shards.completeness import folder_faults
from avdf.cache.shards.reader import Shard

# How `printable` writes unsafe characters.
_ESCAPE = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}")


@dataclass(frozen=True)
class Problem:
    """Something that is wrong in a shard.

    shard    the file
    video    the id of the video; '' where the problem concerns the whole shard
    what     is wrong
    rebuild  whether building the shard again can solve it, which needs the source
    """

    shard: Path
    video: str
    what: str
    rebuild: bool = True


def verify_shards(
    paths: Sequence[Path],
    sources: bool = False,
    planned: Mapping[str, str] | None = None,
) -> Iterator[Problem]:
    """Every problem of some shards: those of each, and videos that are in two of them.

    Args:
        sources: compare the hashes of the source videos too.
        planned: the real paths of videos by id; a shard holds paths with escapes.
    """
    shard_of: dict[str, str] = {}
    for path in paths:
        yield from verify_shard(path, sources, planned)
        for info in _videos(path):
            other = shard_of.setdefault(info.id, path.name)
            if other != path.name:
                what = f"the video is in {other} too; keep one of the two shards"
                yield Problem(path, info.id, what)


def verify_shard(
    path: Path, sources: bool = False, planned: Mapping[str, str] | None = None
) -> Iterator[Problem]:
    """Every problem of a shard: structure, damaged crops, infinite numbers, changed sources.

    Arguments as for `verify_shards`.
    """
    try:
        # Opening it checks format, lengths and references.
        with Shard(path) as shard:
            yield from _infinite_numbers(shard)
            yield from _damaged_crops(shard)
            if sources:
                yield from _changed_sources(shard, planned or {})
    except ShardError as error:
        yield Problem(path, "", _without_path(error, path))


def verify_folder(folder: Path, paths: Sequence[Path]) -> list[str]:
    """What is wrong with a folder as a whole: its shards do not match its table and plan."""
    held = {info.id: (info, path.name) for path in paths for info in _videos(path)}
    try:
        return folder_faults(folder, held)
    except ShardError as error:
        return [str(error)]


def _videos(path: Path) -> Sequence[VideoInfo]:
    """The videos of a shard; none where it cannot be opened, which is a problem of its own."""
    try:
        with Shard(path) as shard:
            return shard.videos
    except ShardError:
        return []


def _infinite_numbers(shard: Shard) -> Iterator[Problem]:
    """NaN and infinity, which preparation never writes, in what detectors and users see."""
    video_of_track = shard.column("tracks/video")
    for segment, track in enumerate(shard.column("segments/track").tolist()):
        if not np.isfinite(shard.log_mel(segment)).all():
            video = shard.videos[video_of_track[track]].id
            yield Problem(
                shard.path, video, f"log-mel of segment {segment} is not finite"
            )
    has_picture = _rows_with_picture(shard)
    for name in ("frames/box", "frames/probability"):
        values = shard.column(name)
        if not np.isfinite(values[has_picture]).all():
            yield Problem(shard.path, "", f"{name} holds values that are not finite")
        if not np.isnan(values[~has_picture]).all():
            what = f"{name} holds values in rows without a picture"
            yield Problem(shard.path, "", what)


def _rows_with_picture(shard: Shard) -> npt.NDArray[np.bool_]:
    """(rows,) whether the track of each row has a picture."""
    picture = shard.column("tracks/picture").astype(bool)
    return np.repeat(picture, shard.column("tracks/frames").astype(np.int64))


def _damaged_crops(shard: Shard) -> Iterator[Problem]:
    """The first damaged crop of each track."""
    columns = [
        shard.column(f"tracks/{name}").tolist() for name in ("video", "frame", "frames")
    ]
    for video, first, count in zip(*columns, strict=True):
        for row in range(first, first + count):
            try:
                shard.images(row, 1)
            except ShardError as error:
                what = _without_path(error, shard.path)
                yield Problem(shard.path, shard.videos[video].id, what)
                break


def _changed_sources(shard: Shard, planned: Mapping[str, str]) -> Iterator[Problem]:
    """Sources that have another content than when they were prepared, or cannot be compared."""
    hashes = shard.column("videos/sha256").tolist()
    for info, known in zip(shard.videos, hashes, strict=True):
        file = _source_file(info, planned)
        if file.is_file():
            if file_sha256(file) != known:
                what = f"the source has changed since it was prepared: {info.path}"
                yield Problem(shard.path, info.id, what)
        elif str(file) == info.path and _ESCAPE.search(info.path):
            what = (
                f"the source cannot be compared: its name is spelled out: {info.path}"
            )
            yield Problem(shard.path, info.id, what, rebuild=False)
        else:
            yield Problem(
                shard.path, info.id, f"the source is gone: {info.path}", rebuild=False
            )


def _source_file(info: VideoInfo, planned: Mapping[str, str]) -> Path:
    """The file of a video by its real name if the plan has it, else by the name in the shard."""
    path = planned.get(info.id, info.path)
    # The shard says what it was made of: a plan with another file for this id is not followed.
    return Path(path) if printable(path) == info.path else info.file


def _without_path(error: ShardError, path: Path) -> str:
    return str(error).removeprefix(f"{path}: ")
