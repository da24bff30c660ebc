"""Mirrors of a folder on this machine: what they download, and how they stay within their size."""

import os
import shutil
from pathlib import Path

import pytest

from avdf.cache import Shard, ShardError, open_shards, shard_paths
from avdf.cache.core.errors import SettingsError
from avdf.cache.shards import reader
from avdf.cache.shards.mirror import (
    MIRROR_FILE,
    SmallMirrorWarning,
    is_url,
    read_mirror,
    shard_folder,
    warn_of_small_mirror,
)
from avdf.cache.stream.index import list_shard_videos
from tests.helpers.prepared import grey_video, write_shard


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's mirrors are."""
    monkeypatch.setenv("AVDF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    """A folder of four shards with one video each, and its table."""
    folder = tmp_path / "shards"
    for index in range(4):
        write_shard(folder, grey_video(f"v{index}"), index=index)
    rows = [f"v{index},v{index},ok," for index in range(4)]
    text = "\n".join(["id,path,status,reason", *rows, ""])
    (folder / "videos.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def mirror_folder(shards: Path) -> Path:
    return shard_folder(f"file://{shards}")


def downloaded(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("shard-*.h5"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket/a", True),
        ("file:///a", True),
        ("/a/b", False),
    ],
)
def test_a_url_is_told_from_a_path(text: str, expected: bool) -> None:
    assert is_url(text) is expected


def test_a_path_is_its_own_folder(tmp_path: Path) -> None:
    assert shard_folder(str(tmp_path)) == tmp_path


def test_a_new_mirror_lists_the_shards_and_holds_none(
    mirror_folder: Path,
    shards: Path,
) -> None:
    names = [path.name for path in shard_paths(shards)]
    assert [path.name for path in shard_paths(mirror_folder)] == names
    assert downloaded(mirror_folder) == []


def test_a_shard_is_downloaded_when_it_is_opened(
    mirror_folder: Path,
    shards: Path,
) -> None:
    path = shard_paths(mirror_folder)[2]
    with Shard(path) as shard:
        assert shard.videos[0].id == "v2"
    assert downloaded(mirror_folder) == [path.name]
    assert path.read_bytes() == (shards / path.name).read_bytes()


def test_a_shard_that_is_opened_again_is_not_checked_again(
    mirror_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shard_paths(mirror_folder)[0]
    Shard(path).close()
    checked: list[Path] = []

    def check(_: object, path: Path) -> None:
        checked.append(path)

    monkeypatch.setattr(reader, "check_format", check)
    Shard(path).close()
    assert checked == []


def test_a_shard_that_makes_room_leaves_nothing_behind(
    shards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (shards / "shard-00000.h5").stat().st_size
    monkeypatch.setenv("AVDF_CACHE_GB", str(1.5 * size / 1e9))
    folder = shard_folder(f"file://{shards}")
    for path in shard_paths(folder):
        Shard(path).close()
    assert sorted(path.name for path in folder.glob("shard-0000*")) == [
        "shard-00003.h5",
        "shard-00003.used",
    ]


def test_listing_the_videos_downloads_no_shard(
    mirror_folder: Path,
    shards: Path,
) -> None:
    ids = [video.info.id for video in list_shard_videos(mirror_folder)]
    assert ids == [video.info.id for video in list_shard_videos(shards)]
    assert downloaded(mirror_folder) == []


def test_the_least_recently_opened_shard_makes_room(
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = (shards / "shard-00000.h5").stat().st_size
    monkeypatch.setenv("AVDF_CACHE_GB", str(2.5 * size / 1e9))
    folder = shard_folder(f"file://{shards}")
    for index, path in enumerate(shard_paths(folder)):
        Shard(path).close()
        os.utime(path.with_suffix(".used"), ns=(index, index))
    assert downloaded(folder) == ["shard-00002.h5", "shard-00003.h5"]


def test_a_shard_that_has_changed_is_downloaded_again(
    mirror_folder: Path,
    shards: Path,
) -> None:
    assert len(list(open_shards(mirror_folder))) == 4
    write_shard(shards, grey_video("changed"), index=1)
    assert shard_folder(f"file://{shards}") == mirror_folder
    assert "shard-00001.h5" not in downloaded(mirror_folder)
    with Shard(mirror_folder / "shard-00001.h5") as shard:
        assert shard.videos[0].id == "changed"


def test_a_url_without_shards_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ShardError, match="no shards"):
        shard_folder(f"file://{tmp_path}/empty")


def test_a_url_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ShardError, match="teleport://a: cannot be read"):
        shard_folder("teleport://a")


def test_a_shard_that_disappeared_is_reported(
    mirror_folder: Path,
    shards: Path,
) -> None:
    shutil.rmtree(shards)
    with pytest.raises(ShardError, match="cannot be read"):
        Shard(shard_paths(mirror_folder)[0])


def test_a_size_that_is_no_number_is_refused(
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AVDF_CACHE_GB", "much")
    with pytest.raises(SettingsError, match="AVDF_CACHE_GB is 'much'; give a number"):
        shard_folder(f"file://{shards}")


def test_a_damaged_mirror_file_is_refused(mirror_folder: Path) -> None:
    (mirror_folder / MIRROR_FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(ShardError, match="not what avdf wrote; remove the folder"):
        read_mirror(mirror_folder)


def test_a_mirror_that_holds_all_shards_needs_no_warning(mirror_folder: Path) -> None:
    warn_of_small_mirror(video.shard for video in list_shard_videos(mirror_folder))


def test_an_ordinary_folder_needs_no_warning(shards: Path) -> None:
    warn_of_small_mirror(video.shard for video in list_shard_videos(shards))


def test_a_mirror_that_is_too_small_is_reported_before_training(
    mirror_folder: Path,
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mirror = read_mirror(mirror_folder)
    assert mirror is not None
    one_and_a_half_shards = 1.5 * max(mirror.sizes.values())
    monkeypatch.setenv("AVDF_CACHE_GB", str(one_and_a_half_shards / 1e9))
    shard_folder(f"file://{shards}")
    paths = [video.shard for video in list_shard_videos(mirror_folder)]
    message = "4 shards .* downloaded again in every epoch; set AVDF_CACHE_GB="
    with pytest.warns(SmallMirrorWarning, match=message):
        warn_of_small_mirror(paths)


def test_the_table_of_a_mirror_is_replaced_whole(
    mirror_folder: Path,
    shards: Path,
) -> None:
    table = mirror_folder / "videos.csv"
    with table.open(encoding="utf-8") as file:
        start = file.read(10)
        shard_folder(f"file://{shards}")
        # The open file is still the old one: the new one was written under another name.
        assert start + file.read() == (shards / "videos.csv").read_text(
            encoding="utf-8"
        )
        assert os.fstat(file.fileno()).st_ino != table.stat().st_ino
