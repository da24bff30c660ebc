"""Verifying shards: what is wrong, with which video."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.errors import ShardError
from avdf.cache.schema import VIDEO_NUMBERS
from avdf.cache.shard import Shard


@dataclass(frozen=True)
class Problem:
    """Something wrong in a shard; `video` is '' where it concerns the whole."""

    shard: Path
    video: str
    what: str


def verify_shard(path: Path, sources: bool = False) -> Iterator[Problem]:
    """Every problem of a shard: format, lengths, order, crops that do not decode; with `sources`, changed videos."""
    try:
        with Shard(path) as shard:
            wrong = list(_lengths(shard))
            yield from wrong
            if not wrong:
                yield from _tracks(shard)
                yield from _crops(shard)
                if sources:
                    yield from _sources(shard)
    except ShardError as error:
        yield Problem(path, "", str(error).removeprefix(f"{path}: "))


def _lengths(shard: Shard) -> Iterator[Problem]:
    rows = shard.size("frames/box")
    expected = {
        "frames/offset": rows + 1,
        "frames/probability": rows,
        "audio/pcm": rows * SAMPLES_PER_FRAME,
        "tracks/start": shard.size("tracks/video"),
        "tracks/frame": shard.size("tracks/video"),
        "tracks/frames": shard.size("tracks/video"),
        "tracks/picture": shard.size("tracks/video"),
        "tracks/sound": shard.size("tracks/video"),
        "segments/frame": shard.size("segments/track"),
        "segments/log_mel": shard.size("segments/track"),
        **{f"videos/{name}": len(shard.videos) for name in VIDEO_NUMBERS},
    }
    for name, length in expected.items():
        if shard.size(name) != length:
            yield Problem(shard.path, "", f"{name} has {shard.size(name)} rows, expected {length}")
    edges = shard.offsets.astype(np.int64)
    if len(edges) == rows + 1 and (
        edges[0] != 0 or (np.diff(edges) <= 0).any() or edges[-1] != shard.size("frames/bytes")
    ):
        yield Problem(shard.path, "", "frames/offset does not run forward from 0 to the end of frames/bytes")


def _tracks(shard: Shard) -> Iterator[Problem]:
    video, first, count = (shard.column(f"tracks/{name}").astype(np.int64) for name in ("video", "frame", "frames"))
    names = [info.id for info in shard.videos]
    if len(video) and (video.max() >= len(names) or (np.diff(video) < 0).any()):
        yield Problem(shard.path, "", "tracks/video names videos that are not there, or out of order")
        return
    if (first != np.concatenate([[0], np.cumsum(count)[:-1]])).any() or count.sum() != shard.size("frames/box"):
        yield Problem(shard.path, "", "tracks do not cover the rows of /frames one after another")
        return
    for index in sorted(set(range(len(names))) - set(video.tolist())):
        yield Problem(shard.path, names[index], "the video has no track")
    track, row = shard.column("segments/track").astype(np.int64), shard.column("segments/frame").astype(np.int64)
    wanted = [
        (index, start)
        for index in range(len(video))
        for start in range(first[index], first[index] + count[index] - SEGMENT_FRAMES + 1, SEGMENT_FRAMES)
    ]
    if wanted != list(zip(track.tolist(), row.tolist(), strict=True)):
        yield Problem(shard.path, "", "segments are not the consecutive windows of 16 rows of each track")


def _crops(shard: Shard) -> Iterator[Problem]:
    names = [info.id for info in shard.videos]
    columns = (shard.column(f"tracks/{name}").tolist() for name in ("video", "frame", "frames"))
    for video, first, count in zip(*columns, strict=True):
        for row in range(first, first + count):
            try:
                shard.images(row, 1)
            except (ShardError, OSError) as error:
                yield Problem(shard.path, names[video], str(error).removeprefix(f"{shard.path}: "))
                break


def _sources(shard: Shard) -> Iterator[Problem]:
    for info, known in zip(shard.videos, shard.column("videos/sha256").tolist(), strict=True):
        if not info.file.is_file():
            yield Problem(shard.path, info.id, f"the source is gone: {info.path}")
            continue
        with info.file.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != known:
                yield Problem(shard.path, info.id, f"the source has changed since it was prepared: {info.path}")
