"""A digest of the genuine videos, by which a later run notices that they are not the same."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import Any

from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import VideoRef


def digest_of_files(videos: Sequence[VideoInfo]) -> str:
    """Of videos that are files: what the source says of them, and the sizes of the files."""
    return _digest((_stated(video), _size(video)) for video in videos)


def digest_of_stored(videos: Sequence[VideoRef]) -> str:
    """Of videos in shards: what the shards say of them, and where their tracks are."""
    return _digest(
        (_stated(video.info), [astuple(track) for track in video.tracks])
        for video in videos
    )


def _stated(video: VideoInfo) -> tuple[Any, ...]:
    return video.id, video.split, video.identity, video.targets, video.label


def _size(video: VideoInfo) -> int:
    """In bytes; -1 for a file that is not there: preparation reports it."""
    try:
        return video.file.stat().st_size
    except OSError:
        return -1


def _digest(described: Iterable[object]) -> str:
    """Whatever their order."""
    lines = sorted(json.dumps(one) for one in described)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
