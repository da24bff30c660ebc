"""The shards of a folder: which there are, and each opened in turn."""

from pathlib import Path

import pytest

from avdf.cache import ShardError, open_shards, shard_paths
from tests.helpers.prepared import grey_video, write_shard


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two shards, written in the wrong order, beside another file."""
    write_shard(tmp_path, grey_video("b"), index=1)
    write_shard(tmp_path, grey_video("a"), index=0)
    (tmp_path / "shard-1.h5").write_bytes(b"not the name of a shard")
    return tmp_path


def test_shards_are_listed_in_order(folder: Path) -> None:
    names = [path.name for path in shard_paths(folder)]
    assert names == ["shard-00000.h5", "shard-00001.h5"]


def test_a_single_shard_is_a_list_of_its_own(folder: Path) -> None:
    path = folder / "shard-00001.h5"
    assert shard_paths(path) == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "no shards here"),
        ("absent", "no such folder"),
    ],
)
def test_a_folder_without_shards_is_refused(
    tmp_path: Path,
    name: str,
    message: str,
) -> None:
    with pytest.raises(ShardError, match=f"{message}; name "):
        shard_paths(tmp_path / name)


def test_each_shard_is_opened_in_turn(folder: Path) -> None:
    ids = [shard.videos[0].id for shard in open_shards(folder)]
    assert ids == ["a", "b"]


def test_a_video_that_two_shards_hold_is_refused(folder: Path) -> None:
    write_shard(folder, grey_video("a"), index=2)
    with pytest.raises(
        ShardError,
        match=r"shard-00002.h5: the video 'a' is in shard-00000.h5 too",
    ):
        list(open_shards(folder))
