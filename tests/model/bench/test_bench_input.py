"""The benchmark of reading: its figures, and that its plain way reads the same."""

from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.log_mel import log_mel
from avdf.cache.stream.batches import read_in_batches
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.windows import Window
from avdf.model.bench.bench_input import bench_input
from avdf.model.bench.plain_input import plain_segment


def test_the_figures_fit_together(folder: Path) -> None:
    found = bench_input(folder, batch_size=4, laps=2, batches=2)
    assert (found.shards, found.videos, found.batch_size) == (3, 6, 4)
    assert found.segments_per_second_per_core == pytest.approx(
        found.segments_per_second / found.cores
    )
    assert found.share_of_decode == pytest.approx(
        found.segments_per_cpu_second / found.decode_segments_per_cpu_second
    )
    assert found.times_plain == pytest.approx(
        found.segments_per_cpu_second / found.plain_segments_per_cpu_second
    )
    assert all(value > 0 for value in asdict(found).values())


def test_the_plain_way_reads_what_the_stream_reads(folder: Path) -> None:
    window = Window(0, list_shard_videos(folder)[3].shard, 7)
    (batch,) = read_in_batches([window], batch_size=1, threads=1, ahead=0)
    frames, mel = plain_segment(window)
    np.testing.assert_array_equal(batch.frames[0].numpy(), frames)
    np.testing.assert_allclose(log_mel(batch.pcm)[0].numpy(), mel.numpy(), atol=1e-4)


def test_a_batch_needs_as_many_videos(folder: Path) -> None:
    with pytest.raises(SettingsError, match="6 videos, fewer than a batch of 16"):
        bench_input(folder, batch_size=16, laps=1, batches=1)


def test_only_jpeg_is_measured(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "shard-00000.h5"
    path.write_bytes((folder / path.name).read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["frame_codec"] = "png"
    with pytest.raises(SettingsError, match="crops are png"):
        bench_input(tmp_path, batch_size=2, laps=1, batches=1)
