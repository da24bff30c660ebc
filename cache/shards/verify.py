"""Verifying shards: what is wrong, with which video."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.errors import ShardError
from avdf.cache.core.text import printable
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.digest import file_sha256
from avdf.cache.shards.completeness import folder_faults
from avdf.cache.shards.reader import Shard

_SPELLED = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}")  # as `printable` writes what it spells out


@dataclass(frozen=True)
class Problem:
    """Something wrong in a shard; `video` is '' where it concerns the whole.

    `rebuild`: whether building the shard again can mend it. It cannot where the source is not there.
    """

    shard: Path
    video: str
    what: str
    rebuild: bool = True


def verify_shards(
    paths: Sequence[Path], sources: bool = False, planned: Mapping[str, str] | None = None
) -> Iterator[Problem]:
    """Every problem of the shards of a folder, each alone and all together: nothing twice, missing or strange.

    `planned`: the paths of videos as they really are, by id; shards have them printable.
    """
    held: dict[str, tuple[VideoInfo, str]] = {}
    for path in paths:
        yield from verify_shard(path, sources, planned)
        for info in _videos(path):
            _, other = held.setdefault(info.id, (info, path.name))
            if other != path.name:
                yield Problem(
                    path, info.id, f"the video is in {other} too; keep one of the two shards"
                )


def verify_shard(
    path: Path, sources: bool = False, planned: Mapping[str, str] | None = None
) -> Iterator[Problem]:
    """Every problem of a shard: structure, crops that do not decode, numbers that are not finite; changed videos.

    `sources`: compare the hashes of the source videos too. `planned`: see `verify_shards`.
    """
    try:
        with Shard(path) as shard:  # which checks format, lengths and order
            yield from _numbers(shard)
            yield from _crops(shard)
            if sources:
                yield from _sources(shard, planned or {})
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
            yield Problem(
                shard.path, names[owner[track]], f"log-mel of segment {segment} is not finite"
            )
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


def _sources(shard: Shard, planned: Mapping[str, str]) -> Iterator[Problem]:
    for info, known in zip(shard.videos, shard.column("videos/sha256").tolist(), strict=True):
        file = _source(info, planned)
        if file.is_file():
            if file_sha256(file) != known:
                yield Problem(
                    shard.path,
                    info.id,
                    f"the source has changed since it was prepared: {info.path}",
                )
        elif str(file) == info.path and _SPELLED.search(info.path):
            what = f"the source cannot be compared: its name is spelled out: {info.path}"
            yield Problem(shard.path, info.id, what, rebuild=False)
        else:
            yield Problem(shard.path, info.id, f"the source is gone: {info.path}", rebuild=False)


def _source(info: VideoInfo, planned: Mapping[str, str]) -> Path:
    """The file of a video by its real name, where the plan has it; else as the shard has it."""
    path = planned.get(info.id, info.path)
    # A plan that speaks of another file is not asked: the shard says what it was made of.
    return Path(path) if printable(path) == info.path else info.file
