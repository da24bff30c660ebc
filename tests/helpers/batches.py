"""Batches of noise, as the stream would give them."""

from pathlib import Path

import torch

from avdf.cache.stream.batches import SegmentBatch
from avdf.cache.stream.windows import Window


def make_batch(size: int, seed: int = 0) -> SegmentBatch:
    """`size` segments of noise, without stored log-mel."""
    generator = torch.Generator().manual_seed(seed)
    return SegmentBatch(
        frames=torch.randint(
            0,
            256,
            (size, 16, 224, 224, 3),
            dtype=torch.uint8,
            generator=generator,
        ),
        pcm=torch.randint(
            -9000,
            9000,
            (size, 10240),
            dtype=torch.int16,
            generator=generator,
        ),
        log_mel=None,
        windows=tuple(Window(index, Path("noise"), 0) for index in range(size)),
    )
