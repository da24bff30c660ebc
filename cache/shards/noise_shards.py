"""Shards of any size, filled with noise: to measure how fast shards are read and used."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from avdf.cache.core.clock import (
    FRAME_RATE,
    FRAME_SIZE,
    MEL_BINS,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
    SEGMENT_MELS,
)
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import PreparedVideo, Track, VideoInfo
from avdf.cache.shards.codec import FrameCodec, Image
from avdf.cache.shards.schema import shard_name
from avdf.cache.shards.writer import ShardWriter

# With these, a crop takes about 20 kB as JPEG of quality 95, as real ones do.
_BLOTCHES = 14  # along each side of a crop
_GRAIN = 2.0
_DIFFERENT_CROPS = 64  # all videos are made of these
_LOUDEST = 8000  # of 32768


def write_noise_shards(
    folder: Path, videos: int, rows: int, videos_per_shard: int = 500, seed: int = 0
) -> None:
    """Write shards with `videos` videos, each one track of `rows` rows.

    Half of the videos are labelled fake; four fifths are in the split `train`, the rest in `val`.
    """
    generator = np.random.default_rng(seed)
    codec = FrameCodec()
    crops = [codec.encode(_noise_image(generator)) for _ in range(_DIFFERENT_CROPS)]
    folder.mkdir(parents=True, exist_ok=True)
    for shard, first in enumerate(range(0, videos, videos_per_shard)):
        with ShardWriter(folder / shard_name(shard), {"content": "noise"}) as writer:
            for number in range(first, min(first + videos_per_shard, videos)):
                track = _noise_track(rows, crops, generator)
                seconds = rows / FRAME_RATE
                writer.add(PreparedVideo(_video_info(number), "", seconds, 1, (track,)))


def _video_info(number: int) -> VideoInfo:
    label = (REAL, FAKE)[number % 2]
    return VideoInfo(
        id=f"noise-{number:06d}",
        path=f"noise-{number:06d}",
        split="val" if number % 10 >= 8 else "train",
        identity=f"nobody-{number // 2}",
        label=label,
        label_visual=label,
        label_audio=label,
    )


def _noise_track(
    rows: int, crops: Sequence[bytes], generator: np.random.Generator
) -> Track:
    chosen = generator.integers(len(crops), size=rows)
    pcm = generator.integers(-_LOUDEST, _LOUDEST, rows * SAMPLES_PER_FRAME)
    log_mel = generator.normal(size=(rows // SEGMENT_FRAMES, MEL_BINS, SEGMENT_MELS))
    box = np.array([0, 0, FRAME_SIZE, FRAME_SIZE], np.float32)
    return Track(
        start=0.0,
        crops=tuple(crops[index] for index in chosen),
        boxes=np.tile(box, (rows, 1)),
        probability=np.ones(rows, np.float32),
        pcm=pcm.astype(np.int16),
        log_mel=log_mel.astype(np.float16),
    )


def _noise_image(generator: np.random.Generator) -> Image:
    """Soft blotches of little colour, with grain."""
    grey = generator.uniform(30, 220, (_BLOTCHES, _BLOTCHES, 1))
    tint = generator.normal(scale=8, size=(_BLOTCHES, _BLOTCHES, 3))
    blotches = (grey + tint).astype(np.float32)
    smooth = cv2.resize(
        blotches, (FRAME_SIZE, FRAME_SIZE), interpolation=cv2.INTER_CUBIC
    )
    grain = generator.normal(scale=_GRAIN, size=(FRAME_SIZE, FRAME_SIZE, 1))
    return np.asarray(np.clip(smooth + grain, 0, 255), np.uint8)
