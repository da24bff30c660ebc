"""Fixtures of the tests of shards."""

from pathlib import Path

import numpy as np
import pytest

from avdf.cache import Period, PreparedVideo, ShardWriter, Track
from avdf.cache.shards.codec import FrameCodec
from avdf.cache.shards.schema import shard_name
from tests.helpers.prepared import grey_video


def noise_track(rows: int, start: float = 0.0, seed: int = 0) -> Track:
    """A track in which every crop, box, sample and log-mel value differs."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 255, (rows, 224, 224, 3), np.uint8)
    encode = FrameCodec().encode
    return Track(
        start=start,
        crops=tuple(encode(image) for image in images),
        boxes=generator.random((rows, 4)).astype(np.float32),
        probability=generator.random(rows).astype(np.float32),
        pcm=generator.integers(-30000, 30000, rows * 640).astype(np.int16),
        log_mel=generator.random((rows // 16, 80, 64)).astype(np.float16),
    )


@pytest.fixture(scope="session")
def tracks() -> tuple[Track, ...]:
    """Tracks of 16, 35 and 20 rows."""
    return noise_track(16), noise_track(35, start=4.0, seed=1), noise_track(20, seed=2)


@pytest.fixture(scope="session")
def videos(tracks: tuple[Track, ...]) -> tuple[PreparedVideo, ...]:
    """A real video with two tracks, and a fake one with one; both have a manipulated period."""
    periods = (Period(0.5, 1.0, 1, 0),)
    first = grey_video("ä.mp4", tracks[:2], label=0, periods=periods)
    second = grey_video("b.mp4", tracks[2:], label=1, label_visual=1, periods=periods)
    return first, second


@pytest.fixture(scope="session")
def shard_bytes(
    videos: tuple[PreparedVideo, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> bytes:
    path = tmp_path_factory.mktemp("written") / shard_name(0)
    with ShardWriter(path, {"margin": 1.3}) as writer:
        for video in videos:
            writer.add(video)
    return path.read_bytes()


@pytest.fixture
def shard(shard_bytes: bytes, tmp_path: Path) -> Path:
    """A shard of its own for each test, which may damage it."""
    path = tmp_path / shard_name(0)
    path.write_bytes(shard_bytes)
    return path
