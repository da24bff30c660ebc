"""A table as a protocol: its columns, its folds, and what is refused."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.model.protocols import assign
from avdf.model.protocols.split_table import read_split_table

VIDEOS = [
    VideoInfo(id="x/a.mp4", path="a", identity="p"),
    VideoInfo(id="x/b.mp4", path="b", identity="q"),
    VideoInfo(id="x/c.mp4", path="c", identity="q"),
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "split.csv"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_ids_may_be_spelled_in_another_way(table: Path) -> None:
    write(table, "id,split", "a.mp4,train", "y/x/b.mp4,test")
    splits, notes = read_split_table(table, "", VIDEOS)
    assert splits == {"x/a.mp4": "train", "x/b.mp4": "test"}
    assert notes == []


def test_an_identity_stands_for_all_its_videos(table: Path) -> None:
    write(table, "identity,split", "p,train", "q,test")
    splits, _ = read_split_table(table, "", VIDEOS)
    assert splits == {"x/a.mp4": "train", "x/b.mp4": "test", "x/c.mp4": "test"}


def test_names_that_are_not_listed_are_reported(table: Path) -> None:
    write(table, "id,split", "a.mp4,train", "b.mp4,val", "gone.mp4,test")
    splits, notes = read_split_table(table, "", VIDEOS)
    assert splits["gone.mp4"] == "test"
    assert notes == ["1 videos of split.csv are not listed here: gone.mp4"]


def test_persons_without_a_video_are_reported(table: Path) -> None:
    write(table, "identity,split", "p,train", "q,val", "r,test")
    _, notes = read_split_table(table, "", VIDEOS)
    assert notes == ["1 persons of split.csv have no video here: r"]


def test_each_fold_has_its_own_splits(table: Path) -> None:
    write(table, "id,split,fold", "a.mp4,train,1", "a.mp4,test,2")
    assert read_split_table(table, "1", VIDEOS)[0] == {"x/a.mp4": "train"}
    assert read_split_table(table, "2", VIDEOS)[0] == {"x/a.mp4": "test"}


def test_a_fold_is_named_after_the_path(table: Path) -> None:
    write(table, "id,split,fold", "a.mp4,train,1", "a.mp4,test,2")
    found = assign(f"{table}/2", VIDEOS)
    assert found.name == "split.csv/2"
    assert found.of("x/a.mp4") == "test"


def test_the_name_is_that_of_the_file_wherever_it_lies(table: Path) -> None:
    write(table, "id,split", "a.mp4,train")
    assert assign(str(table), VIDEOS).name == "split.csv"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["id,split"], "lists no videos"),
        (["name,split", "a,train"], "no columns id,split or identity,split"),
        (["id,split", "a.mp4,dev"], "split 'dev' is not one of train, val, test"),
        (["id,split", "a.mp4,train", "a.mp4,test"], "a.mp4 is in train and in test"),
        (
            ["id,split", "a.mp4,train", "x/a.mp4,test"],
            "x/a.mp4 is in train and in test",
        ),
        (["id,split", ",train"], "a row has no name"),
        (
            ["id,split", "k,train", "l,test", "a.mp4,val"],
            "2 of 3 rows are of no listed video",
        ),
        (["identity,split", "r,train"], "1 of 1 rows are of no listed video"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    table: Path,
    lines: list[str],
    message: str,
) -> None:
    write(table, *lines)
    with pytest.raises(SettingsError, match=message):
        read_split_table(table, "", VIDEOS)


def test_an_unknown_fold_is_refused_with_those_that_exist(table: Path) -> None:
    write(table, "id,split,fold", "a.mp4,train,1")
    with pytest.raises(SettingsError, match="no fold '3'; it has '1'"):
        read_split_table(table, "3", VIDEOS)
