"""A folder of shards for the benchmarks."""

from pathlib import Path

import pytest

from avdf.cache.shards.noise_shards import write_noise_shards


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shards with two videos each."""
    folder = tmp_path_factory.mktemp("noise")
    write_noise_shards(folder, videos=6, rows=40, videos_per_shard=2)
    return folder
