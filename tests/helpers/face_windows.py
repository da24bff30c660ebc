"""Windows of face crops to forge: of synthetic people, and of prepared recordings."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from avdf.cache import open_shards
from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import (
    FRAME_SIZE,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
    SEGMENT_SECONDS,
)
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.model.forging.footage import Footage
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.speaker import random_speaker

# The square of a synthetic frame that preparation would cut out, about.
_ROWS, _COLUMNS = slice(60, 230), slice(43, 213)


def synthetic_windows(people: int) -> list[UInt8Array]:
    """One window (16, 224, 224, 3) of each of so many synthetic people, stored as JPEG once."""
    codec = FrameCodec()
    found = []
    for number in range(people):
        gender = ("men", "women")[number % 2]
        speaker = random_speaker(np.random.default_rng([21, number]), gender)
        generator = np.random.default_rng([22, number])
        clip = generate_clip(speaker, SEGMENT_SECONDS, generator)
        crops = []
        for frame in clip.frames[:SEGMENT_FRAMES]:
            square = np.ascontiguousarray(frame[_ROWS, _COLUMNS])
            crop = cv2.resize(square, (FRAME_SIZE, FRAME_SIZE))
            data = np.frombuffer(codec.encode(np.asarray(crop, np.uint8)), np.uint8)
            crops.append(decode_frame(data, codec.name, FRAME_SIZE))
        found.append(np.stack(crops))
    return found


def prepared_windows(shards: Path, starts: Sequence[int]) -> list[UInt8Array]:
    """Windows (16, S, S, 3) of every track in shards, from so many rows after its first on."""
    found = []
    for shard in open_shards(shards):
        with shard:
            firsts = shard.column("tracks/frame").tolist()
            lengths = shard.column("tracks/frames").tolist()
            for first, length in zip(firsts, lengths, strict=True):
                found += [
                    shard.images(first + start)
                    for start in starts
                    if start + SEGMENT_FRAMES <= length
                ]
    return found


def silent_footage(frames: UInt8Array) -> Footage:
    """Frames as footage; forgers of the picture do not look at its sound."""
    silence: Pcm = np.zeros(len(frames) * SAMPLES_PER_FRAME, np.int16)
    return Footage(frames, silence, around=silence, begin=0)
