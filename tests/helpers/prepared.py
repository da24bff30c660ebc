"""Small videos in memory and shards made of them, without any media file."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache import PreparedVideo, ShardWriter, Track, VideoInfo
from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.shards.codec import FrameCodec
from avdf.cache.shards.schema import shard_name


@cache
def grey_crop(level: int) -> bytes:
    """A crop of one grey level, encoded as JPEG."""
    return FrameCodec().encode(np.full((224, 224, 3), level, np.uint8))


def grey_track(
    rows: int,
    start: float = 0.0,
    pcm: npt.NDArray[np.int16] | None = None,
    **known: Any,
) -> Track:
    """A track whose row r has the grey level 5 r, and audio that is loud from the start."""
    if pcm is None:
        pcm = np.full(rows * SAMPLES_PER_FRAME, 1000, np.int16)
    return Track(
        start=start,
        crops=tuple(grey_crop(5 * row % 256) for row in range(rows)),
        boxes=np.zeros((rows, 4), np.float32),
        probability=np.ones(rows, np.float32),
        pcm=pcm,
        log_mel=np.zeros((rows // 16, 80, 64), np.float16),
        **known,
    )


def grey_video(
    name: str, tracks: Sequence[Track] = (), offset: float = 0.0, **known: Any
) -> PreparedVideo:
    """A video with the given tracks; without any, it has one of 32 rows."""
    info = VideoInfo(id=name, path=name, **known)
    return PreparedVideo(
        info,
        "",
        1.0,
        1,
        tuple(tracks) or (grey_track(32),),
        offset=offset,
    )


def write_shard(folder: Path, *videos: PreparedVideo, index: int = 0) -> Path:
    """A shard that holds the given videos."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / shard_name(index)
    with ShardWriter(path, {}) as writer:
        for video in videos:
            writer.add(video)
    return path
