"""`videos.csv` beside the shards: what is read from it, and which tables are refused."""

from pathlib import Path

import pytest

from avdf.cache import Period, ShardError
from avdf.cache.shards.inputs_table import (
    list_inputs,
    list_unprepared,
    preparation_notes,
)

HEADER = "id,path,status,reason,label,label_visual,label_audio,synthetic,periods,shard"
PREPARED = 'a,/a.mp4,ok,deinterlaced,1,1,0,1,"[[0.5, 1.0, 1, 0]]",shard-00000.h5'
FAILED = "b,/b.mp4,no_face,no face found,-1,-1,-1,0,,"


def write_table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    (folder / "videos.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return folder


def test_a_folder_without_a_table_lists_nothing(tmp_path: Path) -> None:
    assert list_inputs(tmp_path) is None
    assert list_unprepared(tmp_path) == ()
    assert preparation_notes(tmp_path) == {}


def test_every_input_is_listed(tmp_path: Path) -> None:
    listed = list_inputs(write_table(tmp_path, PREPARED, FAILED))
    assert listed is not None
    assert [(row.info.id, row.prepared, row.shard) for row in listed] == [
        ("a", True, "shard-00000.h5"),
        ("b", False, ""),
    ]


def test_labels_flags_and_periods_are_read(tmp_path: Path) -> None:
    listed = list_inputs(write_table(tmp_path, PREPARED))
    assert listed is not None
    info = listed[0].info
    assert (info.label, info.label_visual, info.label_audio) == (1, 1, 0)
    assert info.synthetic
    assert info.periods == (Period(0.5, 1.0, 1, 0),)


def test_what_could_not_be_prepared_is_listed_with_its_reason(tmp_path: Path) -> None:
    (found,) = list_unprepared(write_table(tmp_path, PREPARED, FAILED))
    assert (found.info.id, found.status, found.reason) == (
        "b",
        "no_face",
        "no face found",
    )


def test_notes_are_those_of_prepared_videos(tmp_path: Path) -> None:
    assert preparation_notes(write_table(tmp_path, PREPARED, FAILED)) == {
        "a": "deinterlaced"
    }


def test_a_table_of_an_old_version_names_no_shards(tmp_path: Path) -> None:
    write_table(tmp_path, "a,/a.mp4,ok,", header="id,path,status,reason")
    listed = list_inputs(tmp_path)
    assert listed is not None
    assert listed[0].shard == ""
    assert listed[0].info.label == -1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([FAILED, FAILED], "line 3: 'b' is listed twice"),
        ([FAILED.replace("no_face", "")], "line 2: the status is empty"),
        ([FAILED.replace("-1,-1,-1", "x,-1,-1")], "line 2: invalid literal"),
        ([FAILED.replace("-1,-1,-1", "7,-1,-1")], "line 2: b: label is 7"),
        ([], "lists no video although shards lie beside it"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused(
    tmp_path: Path,
    rows: list[str],
    message: str,
) -> None:
    write_table(tmp_path, *rows)
    with pytest.raises(
        ShardError,
        match=f"{message}.*; run the same `avdf prep` again",
    ):
        list_unprepared(tmp_path)
