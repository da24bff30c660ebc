"""Crops that wait to be written: whatever is kept can be read again, in any order."""

from pathlib import Path

import pytest

from avdf.cache.shards.crop_spool import CropSpool, SpooledCrops

CROPS = [b"first", b"", b"third" * 1000, b"4"]


@pytest.mark.parametrize("in_memory", [1, 1 << 20])
def test_crops_are_read_as_they_were_kept(in_memory: int) -> None:
    spool = CropSpool(in_memory)
    stored = [spool.add(crop) for crop in CROPS]
    assert [spool.read(one) for one in reversed(stored)] == CROPS[::-1]


def test_crops_can_be_added_after_others_were_read() -> None:
    spool = CropSpool(in_memory=1)
    first = spool.add(b"abc")
    assert spool.read(first) == b"abc"
    second = spool.add(b"defg")
    assert spool.read(second) == b"defg"
    assert spool.read(first) == b"abc"


def test_the_crops_of_a_track_are_a_sequence() -> None:
    spool = CropSpool()
    crops = SpooledCrops(spool, [spool.add(crop) for crop in CROPS])
    assert len(crops) == 4
    assert crops[2] == CROPS[2]
    assert list(crops) == CROPS


def test_a_part_of_a_track_is_a_sequence_too() -> None:
    spool = CropSpool()
    crops = SpooledCrops(spool, [spool.add(crop) for crop in CROPS])
    assert isinstance(crops[1:3], SpooledCrops)
    assert list(crops[1:3]) == CROPS[1:3]


def test_a_spool_leaves_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spool = CropSpool(in_memory=1)
    spool.add(b"larger than the memory")
    assert list(tmp_path.iterdir()) == []
