"""Reading shards: the content as it was written, and files that are refused."""

import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache import Period, Shard, ShardError, Track
from avdf.cache.core.stream_facts import StreamFacts
from avdf.cache.shards.codec import decode_frame
from avdf.cache.shards.schema import (
    ADDED_IN_2,
    DEFAULTS,
    OPTIONAL,
    shard_name,
)
from avdf.cache.shards.verify import verify_shard
from avdf.cache.stream.index import list_shard_videos

Damage = Callable[[h5py.File], None]


def test_videos_are_read_as_they_were_written(shard: Path) -> None:
    with Shard(shard) as reader:
        first, second = reader.videos
    assert (first.id, second.id) == ("ä.mp4", "b.mp4")
    assert first.periods == (Period(0.5, 1.0, 1, 0),)
    assert second.label_visual == 1


def test_settings_are_read_as_they_were_written(shard: Path) -> None:
    with Shard(shard) as reader:
        assert reader.settings == {"margin": 1.3}


def test_rows_are_read_as_they_were_written(
    shard: Path,
    tracks: tuple[Track, ...],
) -> None:
    crops = [np.frombuffer(crop, np.uint8) for crop in tracks[1].crops[2:18]]
    with Shard(shard) as reader:
        images, pcm = reader.images(18), reader.pcm(18)
    np.testing.assert_array_equal(
        images, [decode_frame(crop, "jpeg", 224) for crop in crops]
    )
    np.testing.assert_array_equal(pcm, tracks[1].pcm[2 * 640 : 18 * 640])


def test_log_mel_is_read_as_it_was_written(
    shard: Path,
    tracks: tuple[Track, ...],
) -> None:
    with Shard(shard) as reader:
        np.testing.assert_array_equal(reader.log_mel(2), tracks[1].log_mel[1])


def make_version_1(shard: Path) -> None:
    with h5py.File(shard, "r+") as file:
        file.attrs["format_version"] = 1
        for name in DEFAULTS:
            del file[name]


def test_a_shard_of_version_1_is_complete(shard: Path) -> None:
    make_version_1(shard)
    assert list(verify_shard(shard)) == []


def test_a_shard_of_version_2_need_not_state_streams(shard: Path) -> None:
    with h5py.File(shard, "r+") as file:
        for name in OPTIONAL:
            del file[name]
    assert list(verify_shard(shard)) == []
    assert {video.streams for video in list_shard_videos(shard)} == {StreamFacts()}


@pytest.mark.parametrize("name", sorted(ADDED_IN_2))
def test_a_shard_of_version_2_has_what_version_2_added(shard: Path, name: str) -> None:
    with h5py.File(shard, "r+") as file:
        del file[name]
    with pytest.raises(ShardError, match=f"{name} is missing"):
        Shard(shard)


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_is_finite_and_not_negative(shard: Path, rate: float) -> None:
    with h5py.File(shard, "r+") as file:
        file["videos/audio_bit_rate"][0] = rate
    with pytest.raises(ShardError, match="holds a value that is no rate"):
        Shard(shard)


def test_columns_that_version_1_lacks_have_default_values(shard: Path) -> None:
    make_version_1(shard)
    with Shard(shard) as reader:
        assert not reader.videos[0].synthetic
        assert reader.videos[0].targets == ""
        assert reader.column("tracks/sound").tolist() == [1, 1, 1]
        assert reader.column("videos/offset").tolist() == [0.0, 0.0]
        assert reader.size("videos/offset") == 2
    assert [video.offset for video in list_shard_videos(shard)] == [0.0, 0.0]


def test_a_damaged_crop_is_named(shard: Path) -> None:
    with h5py.File(shard, "r+") as file:
        start, end = file["frames/offset"][3:5].astype(int)
        file["frames/bytes"][start:end] = 0
    with Shard(shard) as reader, pytest.raises(ShardError, match="crop of row 3"):
        reader.images(0)


def test_a_segment_that_does_not_exist_cannot_be_read(shard: Path) -> None:
    with (
        Shard(shard) as reader,
        pytest.raises(ShardError, match="log-mel of segment 99 cannot"),
    ):
        reader.log_mel(99)


def test_a_file_that_is_not_hdf5_is_refused(tmp_path: Path) -> None:
    path = tmp_path / shard_name(0)
    path.write_bytes(b"hello")
    with pytest.raises(ShardError, match="not a readable HDF5 file"):
        Shard(path)


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="no such shard; run `avdf prep`"):
        Shard(tmp_path / shard_name(0))


def another_version(file: h5py.File) -> None:
    file.attrs["format_version"] = 3


def no_settings(file: h5py.File) -> None:
    del file.attrs["settings"]


def another_frame_rate(file: h5py.File) -> None:
    file.attrs["fps"] = 30


def external_link(file: h5py.File) -> None:
    del file["audio/pcm"]
    file["audio/pcm"] = h5py.ExternalLink("/etc/passwd", "/x")


def linked_group(file: h5py.File) -> None:
    file.move("audio", "elsewhere")
    file["audio"] = h5py.SoftLink("/elsewhere")


def external_storage(file: h5py.File) -> None:
    del file["audio/pcm"]
    outside = [("/etc/passwd", 0, 1280)]
    file.create_dataset("audio/pcm", shape=(640,), dtype=np.int16, external=outside)


def no_column(file: h5py.File) -> None:
    del file["frames/box"]


def column_of_another_type(file: h5py.File) -> None:
    del file["tracks/start"]
    file["tracks/start"] = np.zeros(3, np.float32)


def no_format(file: h5py.File) -> None:
    del file.attrs["format"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (another_version, "version 3, this avdf reads versions 1 and 2"),
        (no_settings, "the attribute settings is missing"),
        (another_frame_rate, "fps is 30, expected 25"),
        (external_link, "audio/pcm is a link"),
        (linked_group, "audio/pcm is a link"),
        (external_storage, "not a plain dataset"),
        (no_column, "frames/box is missing"),
        (column_of_another_type, "tracks/start is float32"),
        (no_format, "not an avdf shard"),
    ],
)
def test_a_file_that_is_no_proper_shard_is_refused(
    shard: Path,
    damage: Damage,
    message: str,
) -> None:
    with h5py.File(shard, "r+") as file:
        damage(file)
    with pytest.raises(ShardError, match=message):
        Shard(shard)


def test_a_shard_that_takes_the_name_while_another_is_checked_is_checked_too(
    shard: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.h5"
    shutil.copy(shard, damaged)
    with h5py.File(damaged, "r+") as file:
        no_column(file)

    open_hdf5 = h5py.File

    def open_and_replace(path: Path, mode: str) -> h5py.File:
        opened = open_hdf5(path, mode)
        if damaged.exists():
            damaged.rename(path)
        return opened

    monkeypatch.setattr(h5py, "File", open_and_replace)
    Shard(shard).close()
    with pytest.raises(ShardError, match="frames/box is missing"):
        Shard(shard)
