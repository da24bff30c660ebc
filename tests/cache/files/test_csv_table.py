"""Faults of tables: each is refused, with the line that has it."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import ShardError
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.stream.index import index_folder
from tests.helpers.command import call

GOOD_SCORES = "id,score,label,split\na,0.9,1,test\nb,0.2,0,test\n"


def refused(code: int, text: str, message: str) -> None:
    """Exit code 2 and one sentence that says `message`."""
    assert code == 2 and message in text, text
    assert text.startswith("avdf: ") and text.count("\n") == 1, text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('id,score,label\na,0.9,1\n"b,0.2,0\nc,0.1,0\nd,0.8,1\n', "line 3: "),
        (
            'id,score,label\na,0.9,1\nb,"0.2,0\nc,0.1",0\nd,0.8,1\n',
            "line 3: a quote opened here",
        ),
        ("id,score,label\na,0,9,1\nb,0,2,0\n", "line 2: 4 values under 3 columns"),
        ("id,score,label\na,0.9\n", "line 2: 2 values under 3 columns"),
        ("id,score,label,label\na,0.9,1,0\n", "the column 'label' comes twice"),
        (
            "id,score,label,label_audio\na,0.9,0,1\n",
            "line 2: a: a modality is labelled fake",
        ),
        ("id,score,label\n", "a header without rows"),
        ("", "without even a header"),
        ("id,score,label\na,nan,1\n", "line 2: the score is nan"),
        ("id,score,label\na,inf,1\n", "line 2: the score is inf"),
        (
            f"id,score,label\na,{'9' * 200_000},1\n",
            "line 2: field larger than field limit",
        ),
        (f"id,score,label\na,0.5,{'x' * 2_000_000}\n", "line 2: longer than"),
        ("id,score,label\na\0b,0.5,1\n", "line 2: holds a zero byte"),
    ],
)
def test_a_wrong_table_of_scores_is_refused(
    table: str,
    message: str,
    tmp_path: Path,
) -> None:
    (tmp_path / "s.csv").write_text(table, encoding="utf-8")
    refused(*call("evaluate", tmp_path / "s.csv", "--split", "all"), message)


def test_the_right_table_is_taken(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(GOOD_SCORES, encoding="utf-8")
    code, text = call("evaluate", tmp_path / "s.csv")
    assert code == 0 and "2 of 2 videos scored" in text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            "path,label,split\na.mp4,0,train\n./a.mp4,1,test\n",
            "line 3: './a.mp4' is the file of line 2",
        ),
        ('path,label\na.mp4,0\n"b.mp4,1\nc.mp4,1\n', "line 3: "),
        ("path,label,label\na.mp4,0,1\n", "the column 'label' comes twice"),
        ("path,label,method\na.mp4,0,one,two\n", "line 2: 4 values under 3 columns"),
        ("path,label,label_audio\na.mp4,0,1\n", "a modality is labelled fake"),
        (
            "path,label,method\na.mp4,0,\x1b[31mred\n",
            "method is '\\x1b[31mred'; write it without",
        ),
        (f"path,label\n{'a' * 5000},0\n", "a path of 5000 characters"),
    ],
)
def test_a_wrong_manifest_is_refused(table: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(table, encoding="utf-8")
    refused(*call("prep", tmp_path / "m.csv", "--out", tmp_path / "shards"), message)


def test_a_link_and_its_file_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "b.mp4").symlink_to(tmp_path / "a.mp4")
    (tmp_path / "m.csv").write_text("path,label\na.mp4,0\nb.mp4,1\n", encoding="utf-8")
    code, text = call("prep", tmp_path / "m.csv", "--out", tmp_path / "shards")
    refused(code, text, "line 3: 'b.mp4' is the file of line 2 again")


def test_a_protocol_table_is_read_strictly(tmp_path: Path) -> None:
    write_noise_shards(tmp_path / "shards", videos=2, rows=16)
    (tmp_path / "p.csv").write_text(
        'id,split\nnoise-000000,train\n"noise-000001,test\n',
        encoding="utf-8",
    )
    refused(
        *call("protocol", tmp_path / "p.csv", tmp_path / "shards"),
        "line 3: unexpected end of data",
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "without even a header"),
        ("id,path,status,reason\n", "lists no video"),
        (
            "id,path,status,reason\na,a,no_face,x\na,a,no_face,x\n",
            "line 3: 'a' is listed twice",
        ),
        (
            'id,path,status,reason\na,a,no_face,"x\nb,b,no_face,x\nc,c,no_face,"x\n',
            "line 2: ",
        ),
        ("id,path,status,reason\na,a,,\n", "line 2: the status is empty"),
    ],
)
def test_a_damaged_list_of_inputs_is_refused(
    table: str,
    message: str,
    tmp_path: Path,
) -> None:
    """An emptied `videos.csv` does not say that nobody failed."""
    write_noise_shards(tmp_path, videos=2, rows=16)
    (tmp_path / VIDEOS_FILE).write_text(table, encoding="utf-8")
    with pytest.raises(ShardError, match=VIDEOS_FILE):
        index_folder(tmp_path)
    refused(*call("protocol", "dataset", tmp_path), message)


def test_a_manifest_takes_time_and_memory_in_proportion(tmp_path: Path) -> None:
    """Each folder is looked at once, and equal texts are one string."""
    rows = "".join(f"x/{number}.mp4,0,one method\n" for number in range(20_000))
    (tmp_path / "m.csv").write_text("path,label,method\n" + rows, encoding="utf-8")
    from avdf.pipeline.sources.manifest import read_manifest

    videos = read_manifest(tmp_path / "m.csv").videos
    assert len(videos) == 20_000
    assert all(video.method is videos[0].method for video in videos)


@pytest.mark.parametrize(
    "rows",
    [
        'a,real,RealVideo-RealAudio,African,men,"x',
        "a\xff,real,RealVideo-RealAudio,African,men,x",
    ],
)
def test_a_damaged_table_of_fakeavceleb_is_refused(rows: str, tmp_path: Path) -> None:
    header = "source,method,type,race,gender,path\n"
    (tmp_path / "meta_data.csv").write_text(header + rows + "\n", encoding="latin-1")
    code, text = call(
        "prep",
        tmp_path,
        "--dataset",
        "fakeavceleb",
        "--out",
        tmp_path / "shards",
        "--dry-run",
    )
    refused(code, text, "meta_data.csv: not a CSV file in UTF-8")


def test_columns_of_a_manifest_that_are_not_used_are_told(tmp_path: Path) -> None:
    """A manifest has no column of ids: who gives one is told so, in one line."""
    (tmp_path / "m.csv").write_text(
        "id,path,label,colour\nx,a.mp4,0,red\ny,b.mp4,1,\n",
        encoding="utf-8",
    )
    (tmp_path / "n.csv").write_text(
        "path,label,split\na.mp4,0,test\n",
        encoding="utf-8",
    )
    from avdf.pipeline.sources.manifest import read_manifest

    code, text = call("prep", tmp_path / "m.csv", "--dry-run")
    assert (
        "m.csv: columns that are not used: 'id', 'colour' (the id of a video is its path)\n"
        in text
    ), code
    assert [video.id for video in read_manifest(tmp_path / "m.csv").videos] == [
        "a.mp4",
        "b.mp4",
    ]
    assert read_manifest(tmp_path / "n.csv").notes == ()
