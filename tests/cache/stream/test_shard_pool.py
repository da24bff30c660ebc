"""The pool of open shards."""

from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache import Shard, ShardError
from avdf.cache.core.errors import SegmentError
from avdf.cache.shards.mirror import Mirror
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window
from tests.helpers.prepared import grey_video, write_shard

Frames = npt.NDArray[np.uint8]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Three shards with a video of 32 rows each."""
    return [
        write_shard(tmp_path, grey_video(f"v{index}"), index=index)
        for index in range(3)
    ]


@pytest.fixture
def frames() -> Frames:
    return np.zeros((16, 224, 224, 3), np.uint8)


def open_paths(pool: ShardPool) -> list[Path]:
    return list(pool._shards)


def test_a_window_is_read_as_the_shard_holds_it(
    paths: list[Path],
    frames: Frames,
) -> None:
    audio = ShardPool().read(Window(0, paths[0], 16, segment=1), frames)
    with Shard(paths[0]) as shard:
        np.testing.assert_array_equal(frames, shard.images(16))
        np.testing.assert_array_equal(audio.pcm, shard.pcm(16))
        assert audio.log_mel is not None
        np.testing.assert_array_equal(audio.log_mel, shard.log_mel(1))


def test_a_window_that_is_no_stored_segment_has_no_log_mel(
    paths: list[Path],
    frames: Frames,
) -> None:
    assert ShardPool().read(Window(0, paths[0], 3), frames).log_mel is None


def test_rows_are_read_with_their_audio(paths: list[Path]) -> None:
    images, pcm = ShardPool().read_rows(paths[0], 5, 20)
    assert images.shape == (20, 224, 224, 3)
    assert pcm.shape == (20 * 640,)


def test_the_shard_whose_log_mel_was_read_longest_ago_is_closed(
    paths: list[Path], frames: Frames
) -> None:
    pool = ShardPool(most_open=2)
    for path in (paths[0], paths[1], paths[0], paths[2]):
        pool.read(Window(0, path, 0, segment=0), frames)
    assert open_paths(pool) == [paths[0], paths[2]]


def test_rows_stay_open_when_hdf5_has_closed_the_shard(paths: list[Path]) -> None:
    pool = ShardPool(most_open=1)
    for path in paths:
        pool.read_rows(path, 0, 1)
    assert open_paths(pool) == paths[2:]
    assert list(pool._rows) == paths


def test_only_so_many_rows_stay_open_as_were_asked_for(paths: list[Path]) -> None:
    pool = ShardPool(most_rows=2)
    for path in paths:
        pool.read_rows(path, 0, 1)
    assert list(pool._rows) == paths[1:]


def test_of_a_mirror_no_more_shards_stay_open_than_hdf5_holds(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place of a shard that a mirror removes is free only when nobody has it open."""
    mirror = Mirror("memory://there", {}, 0)
    monkeypatch.setattr("avdf.cache.stream.shard_pool.read_mirror", lambda _: mirror)
    pool = ShardPool(most_open=2)
    for path in paths:
        pool.read_rows(path, 0, 1)
    assert list(pool._rows) == []
    assert list(pool._mirrored) == paths[1:]


def test_a_shard_that_was_replaced_is_not_combined_with_the_old_one(
    paths: list[Path], frames: Frames
) -> None:
    pool = ShardPool(most_open=1)
    pool.read(Window(0, paths[0], 0, segment=0), frames)
    pool.read(Window(0, paths[1], 0, segment=0), frames)
    write_shard(paths[0].parent, grey_video("another"), index=0)
    with pytest.raises(ShardError, match="changed since it was first read here"):
        pool.read(Window(0, paths[0], 0, segment=0), frames)


def test_a_shard_of_a_mirror_may_be_downloaded_again(
    paths: list[Path], frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = Mirror("memory://there", {}, 0)
    monkeypatch.setattr("avdf.cache.stream.shard_pool.read_mirror", lambda _: mirror)
    pool = ShardPool(most_open=1)
    for path in (*paths, paths[0]):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        assert pool.read(Window(0, path, 0, segment=0), frames).log_mel is not None


def test_packed_crops_are_read_through_hdf5(paths: list[Path], frames: Frames) -> None:
    with h5py.File(paths[0], "r+") as file:
        values = file["frames/bytes"][()]
        del file["frames/bytes"]
        file.create_dataset("frames/bytes", data=values, compression="gzip")
    audio = ShardPool().read(Window(0, paths[0], 5), frames)
    with Shard(paths[0]) as shard:
        np.testing.assert_array_equal(frames, shard.images(5))
        np.testing.assert_array_equal(audio.pcm, shard.pcm(5))


def test_a_closed_pool_holds_no_shard_and_can_read_again(paths: list[Path]) -> None:
    pool = ShardPool()
    pool.read_rows(paths[0], 0, 1)
    pool.close()
    assert open_paths(pool) == []
    images, _ = pool.read_rows(paths[0], 0, 1)
    assert len(images) == 1


def test_log_mel_that_is_not_finite_is_refused(
    paths: list[Path],
    frames: Frames,
) -> None:
    with h5py.File(paths[0], "r+") as file:
        file["segments/log_mel"][0, 0, 0] = np.nan
    with pytest.raises(SegmentError, match="log-mel of segment 0 is not finite"):
        ShardPool().read(Window(0, paths[0], 0, segment=0), frames)


def test_crops_of_another_size_are_refused(paths: list[Path]) -> None:
    with h5py.File(paths[0], "r+") as file:
        file.attrs["frame_size"] = 112
    with pytest.raises(
        ShardError,
        match="crops of 112 px, but training and scoring read 224 px",
    ):
        ShardPool().read_rows(paths[0], 0, 1)
