"""A folder of shards that does not match its table and plan is refused."""

import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from avdf.cache.core.errors import ShardError
from avdf.cache.stream.index import index_folder
from tests.helpers.command import call


def _lose_a_shard(folder: Path) -> None:
    (folder / "shard-00002.h5").unlink()


def _bring_a_strange_shard(folder: Path) -> None:
    with (
        h5py.File(folder / "shard-00000.h5") as old,
        h5py.File(folder / "shard-00009.h5", "w") as new,
    ):
        for name in old:
            old.copy(name, new)
        new.attrs.update(old.attrs)
        for row in range(len(new["videos/id"])):
            new["videos/id"][row] = f"strange{row}.mp4"


def _exchange_two_shards(folder: Path) -> None:
    first, second, spare = (
        folder / name for name in ("shard-00000.h5", "shard-00001.h5", "spare")
    )
    first.rename(spare)
    second.rename(first)
    spare.rename(second)


def _change_a_split(folder: Path) -> None:
    with h5py.File(folder / "shard-00000.h5", "r+") as file:
        file["videos/split"][0] = "test"


def _stop_half_way(folder: Path) -> None:
    (folder / "videos.csv").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            _lose_a_shard,
            "shard-00002.h5 is missing or was replaced: it should hold 5 videos",
        ),
        (_bring_a_strange_shard, "shard-00009.h5 holds 5 videos"),
        (_exchange_two_shards, "should be in"),
        (
            _change_a_split,
            "has split 'test' in shard-00000.h5 and 'train' in videos.csv",
        ),
        (_stop_half_way, "preparation is not finished"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(
    damage: Callable[[Path], None],
    message: str,
    shards: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "shards"
    shutil.copytree(shards, folder)
    damage(folder)
    with pytest.raises(ShardError, match=message):
        index_folder(folder)
    code, text = call("verify", folder)
    assert code == 2 and message in text
    code, text = call(
        "score", run, folder, "--split", "all", "--out", tmp_path / "scores"
    )
    assert code == 2 and message in text


def test_shards_without_table_and_plan_are_taken_as_they_are(
    shards: Path,
    tmp_path: Path,
) -> None:
    for path in shards.glob("shard-*.h5"):
        shutil.copy(path, tmp_path)
    assert len(index_folder(tmp_path).videos) == 18
    assert call("verify", tmp_path)[0] == 0
