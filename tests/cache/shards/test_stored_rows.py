"""Crops and audio read without HDF5: the same bytes, and the same refusals."""

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache import Shard
from avdf.cache.core.errors import SegmentError
from avdf.cache.shards.stored_column import find_stored
from avdf.cache.shards.stored_rows import StoredRows


def rows_of(path: Path) -> StoredRows:
    """The rows of a shard that is closed again."""
    with Shard(path) as shard:
        rows = shard.stored_rows()
    assert rows is not None
    return rows


def store_again(path: Path, name: str, **how: object) -> None:
    """Store one column of a shard in another way."""
    with h5py.File(path, "r+") as file:
        values = file[name][()]
        del file[name]
        file.create_dataset(name, data=values, **how)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("row", [0, 1, 15, 16, 33, 55])
def test_rows_are_those_that_hdf5_reads(shard: Path, row: int) -> None:
    rows = rows_of(shard)
    with Shard(shard) as opened:
        np.testing.assert_array_equal(rows.pcm(row), opened.pcm(row))
        for crop, expected in zip(rows.crops(row), opened.crops(row), strict=True):
            np.testing.assert_array_equal(crop, expected)


@pytest.mark.parametrize("name", ["frames/bytes", "frames/offset", "audio/pcm"])
def test_a_column_in_one_piece_is_read_too(shard: Path, name: str) -> None:
    with Shard(shard) as opened:
        images, pcm = opened.images(3, 40), opened.pcm(3, 40)
    store_again(shard, name)
    rows = rows_of(shard)
    np.testing.assert_array_equal(rows.decode(rows.crops(3, 40), 3), images)
    np.testing.assert_array_equal(rows.pcm(3, 40), pcm)


@pytest.mark.parametrize(
    "how",
    [
        {"compression": "gzip"},
        {"fletcher32": True},
        {"chunks": (64,)},
    ],
)
def test_only_hdf5_reads_what_is_packed_checked_or_in_tiny_chunks(
    shard: Path, how: dict[str, object]
) -> None:
    store_again(shard, "audio/pcm", **how)
    with Shard(shard) as opened:
        assert opened.stored_rows() is None


def test_only_hdf5_reads_chunks_that_were_never_written(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        column = file.create_dataset("a", (30_000,), np.int16, chunks=(10_000,))
        column[:20_000] = 1
        assert find_stored(column) is None
        column[20_000:] = 1
        assert find_stored(column) is not None


def test_only_hdf5_reads_a_file_that_begins_with_other_bytes(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w", userblock_size=512) as file:
        assert find_stored(file.create_dataset("a", data=np.arange(9))) is None


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (5, 4), (3, 11)])
def test_values_outside_a_column_are_refused(
    tmp_path: Path, first: int, last: int
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        column = find_stored(file.create_dataset("a", data=np.arange(10)))
        assert column is not None
        with pytest.raises(IndexError):
            column.read(file.id.get_vfd_handle(), first, last)


def test_a_shard_that_is_cut_while_it_is_open_is_an_error(shard: Path) -> None:
    rows = rows_of(shard)
    os.truncate(shard, 100_000)
    with pytest.raises(SegmentError, match="the crops from row 40 on cannot be read"):
        rows.crops(40)
    with pytest.raises(SegmentError, match="the audio from row 40 on cannot be read"):
        rows.pcm(40)


def test_offsets_that_change_while_the_shard_is_open_are_an_error(shard: Path) -> None:
    with h5py.File(shard) as file:
        column = find_stored(file["frames/offset"])
    assert column is not None
    rows = rows_of(shard)
    # HDF5 itself does not change a file that is open elsewhere.
    with shard.open("r+b") as raw:
        raw.seek(int(column.starts[0]) + 10 * 8)
        raw.write((2**63).to_bytes(8, "little"))
    with pytest.raises(SegmentError, match="frames/offset has changed"):
        rows.crops(0)


def test_a_shard_that_is_replaced_while_it_is_open_is_read_as_it_was(
    shard: Path,
) -> None:
    rows = rows_of(shard)
    expected = rows.pcm(0)
    other = shard.with_name("other")
    other.write_bytes(bytes(shard.stat().st_size))
    other.replace(shard)
    np.testing.assert_array_equal(rows.pcm(0), expected)


def test_the_file_is_closed_when_nobody_holds_its_rows(shard: Path) -> None:
    before = open_files()
    rows = rows_of(shard)
    assert open_files() == before + 1
    del rows
    assert open_files() == before
