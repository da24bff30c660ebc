"""`avdf.verify`: whether shards are whole."""

import shutil
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import ShardError
from avdf.cache.shards.verify import Problem


def test_whole_shards_have_no_problems(shards: Path) -> None:
    result = avdf.verify(shards, sources=True)
    assert result.whole
    assert str(result) == "4 shards, 0 problems"


def test_a_single_shard_can_be_checked(shards: Path) -> None:
    result = avdf.verify(next(shards.glob("*.h5")))
    assert len(result.shards) == 1 and result.whole


def test_a_missing_shard_is_a_fault_of_the_folder(shards: Path, tmp_path: Path) -> None:
    copy = tmp_path / "shards"
    shutil.copytree(shards, copy)
    (copy / "shard-00001.h5").unlink()
    result = avdf.verify(copy)
    assert not result.whole
    assert str(result).splitlines()[0].startswith(f"{copy}: shard-00001.h5 is missing")
    assert len(result.faults) == 1
    assert str(result).endswith("3 shards, 1 problem")


def test_what_can_be_rebuilt_is_named_once(tmp_path: Path) -> None:
    shard = tmp_path / "shard-00000.h5"
    problems = (
        Problem(shard, "a", "crop 3 is damaged"),
        Problem(shard, "", "no attributes"),
    )
    result = avdf.VerifyResult(tmp_path, (shard,), problems, ())
    assert str(result).splitlines() == [
        f"{shard}: a: crop 3 is damaged",
        f"{shard}: no attributes",
        f"to rebuild: remove {shard} and run the same `avdf prep` again; only that shard is built",
        "1 shard, 2 problems",
    ]


def test_a_folder_without_shards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="no shards here"):
        avdf.verify(tmp_path)
