"""Windows at random places of a folder, as training reads them, for benchmarks."""

from collections.abc import Iterator, Sequence

import numpy as np

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.windows import Window


def random_batches(
    videos: Sequence[VideoRef], batch_size: int, seed: int
) -> Iterator[list[Window]]:
    """Endless batches: one window of each video in a new random order, again and again."""
    generator = np.random.default_rng(seed)
    waiting: list[int] = []
    while True:
        while len(waiting) < batch_size:
            waiting += generator.permutation(len(videos)).tolist()
        chosen, waiting = waiting[:batch_size], waiting[batch_size:]
        yield [_random_window(videos[number], number, generator) for number in chosen]


def _random_window(
    video: VideoRef, number: int, generator: np.random.Generator
) -> Window:
    track = video.tracks[0]
    within = int(generator.integers(track.rows - SEGMENT_FRAMES + 1))
    return Window(number, video.shard, track.row + within)
