"""Verifying shards: what is wrong, with which video."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.completeness import folder_faults
from avdf.cache.digest import file_sha256
from avdf.cache.errors import ShardError
from avdf.cache.shard import Shard
from avdf.cache.video import VideoInfo


@dataclass(frozen=True)
class Problem:
    """Something wrong in a shard; `video` is '' where it concerns the whole."""

    shard: Path
    video: str
    what: str


def verify_shards(paths: Sequence[Path], sources: bool = False) -> Iterator[Problem]:
    """Every problem of the shards of a folder, each alone and all together: nothing twice, missing or strange."""
    held: dict[str, tuple[VideoInfo, str]] = {}
    for path in paths:
        yield from verify_shard(path, sources)
        for info in _videos(path):
            _, other = held.setdefault(info.id, (info, path.name))
            if other != path.name:
                yield Problem(path, info.id, f"the video is in {other} too; keep one of the two shards")


def verify_shard(path: Path, sources: bool = False) -> Iterator[Problem]:
    """Every problem of a shard: structure, crops that do not decode, numbers that are not finite; changed videos.

    `sources`: compare the hashes of the source videos too.
    """
    try:
        with Shard(path) as shard:  # which checks format, lengths and order
            yield from _numbers(shard)
            yield from _crops(shard)
            if sources:
                yield from _sources(shard)
    except ShardError as error:
        yield Problem(path, "", str(error).removeprefix(f"{path}: "))


def verify_folder(folder: Path, paths: Sequence[Path]) -> list[str]:
    """What is wrong with a folder as a whole: other shards than its table and plan speak of, or none of a video."""
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


def _numbers(shard: Shard) -> Iterator[Problem]:
    """Values that no preparation writes: NaN and infinity, in what detectors and people are shown."""
    names = [info.id for info in shard.videos]
    owner = shard.column("tracks/video")
    for segment, track in enumerate(shard.column("segments/track").tolist()):
        if not np.isfinite(shard.log_mel(segment)).all():
            yield Problem(shard.path, names[owner[track]], f"log-mel of segment {segment} is not finite")
    for name in ("frames/box", "frames/probability"):
        if not np.isfinite(shard.column(name)).all():
            yield Problem(shard.path, "", f"{name} holds values that are not finite")


def _crops(shard: Shard) -> Iterator[Problem]:
    names = [info.id for info in shard.videos]
    columns = (shard.column(f"tracks/{name}").tolist() for name in ("video", "frame", "frames"))
    for video, first, count in zip(*columns, strict=True):
        for row in range(first, first + count):
            try:
                shard.images(row, 1)
            except ShardError as error:
                yield Problem(shard.path, names[video], str(error).removeprefix(f"{shard.path}: "))
                break


def _sources(shard: Shard) -> Iterator[Problem]:
    for info, known in zip(shard.videos, shard.column("videos/sha256").tolist(), strict=True):
        if not info.file.is_file():
            yield Problem(shard.path, info.id, f"the source is gone: {info.path}")
            continue
        if file_sha256(info.file) != known:
            yield Problem(shard.path, info.id, f"the source has changed since it was prepared: {info.path}")
