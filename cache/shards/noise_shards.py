"""Shards of a wanted size, filled with noise: to measure the stream and the trainer with, nothing to learn from."""

from pathlib import Path

import cv2
import numpy as np

from avdf.cache.core.clock import (
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

_COARSE, _GRAIN = 14, 2.0  # a crop takes about 20 kB as JPEG 95, as real ones do
_VARIANTS = 64  # different crops, of which every video's are taken


def write_noise_shards(
    folder: Path, videos: int, rows: int, videos_per_shard: int = 500, seed: int = 0
) -> None:
    """`videos` of `rows` rows each, half of them labelled fake, four fifths in split `train`, the rest in `val`."""
    generator = np.random.default_rng(seed)
    crops = [FrameCodec().encode(_picture(generator)) for _ in range(_VARIANTS)]
    folder.mkdir(parents=True, exist_ok=True)
    for shard, first in enumerate(range(0, videos, videos_per_shard)):
        with ShardWriter(folder / shard_name(shard), {"content": "noise"}) as writer:
            for number in range(first, min(first + videos_per_shard, videos)):
                label = (REAL, FAKE)[number % 2]
                info = VideoInfo(
                    id=f"noise-{number:06d}",
                    path=f"noise-{number:06d}",
                    split="val" if number % 10 >= 8 else "train",
                    identity=f"nobody-{number // 2}",
                    label=label,
                    label_visual=label,
                    label_audio=label,
                )
                writer.add(PreparedVideo(info, "", rows / 25, 1, (_track(rows, crops, generator),)))


def _track(rows: int, crops: list[bytes], generator: np.random.Generator) -> Track:
    return Track(
        start=0.0,
        crops=tuple(crops[index] for index in generator.integers(len(crops), size=rows)),
        boxes=np.tile(np.array([0, 0, FRAME_SIZE, FRAME_SIZE], np.float32), (rows, 1)),
        probability=np.ones(rows, np.float32),
        pcm=generator.integers(-8000, 8000, rows * SAMPLES_PER_FRAME).astype(np.int16),
        log_mel=generator.normal(size=(rows // SEGMENT_FRAMES, MEL_BINS, SEGMENT_MELS)).astype(
            np.float16
        ),
    )


def _picture(generator: np.random.Generator) -> Image:
    """Soft blotches, of little colour, with grain."""
    grey = generator.uniform(30, 220, (_COARSE, _COARSE, 1))
    coarse = (grey + generator.normal(scale=8, size=(_COARSE, _COARSE, 3))).astype(np.float32)
    smooth = cv2.resize(coarse, (FRAME_SIZE, FRAME_SIZE), interpolation=cv2.INTER_CUBIC)
    grain = generator.normal(scale=_GRAIN, size=(FRAME_SIZE, FRAME_SIZE, 1))
    return np.asarray(np.clip(smooth + grain, 0, 255), np.uint8)
