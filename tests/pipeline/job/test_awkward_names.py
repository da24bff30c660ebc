"""File names and metadata as they may come: no terminal and no spreadsheet acts on them.

Each costs its own row at most.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import wavfile

from avdf.cache.core.errors import SourceError
from avdf.cache.core.safe_text import printable, spreadsheet_safe
from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import list_shard_videos
from avdf.cli.exits import run as run_guarded
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing
from avdf.pipeline.sources.safe_names import with_safe_names
from tests.helpers.command import call
from tests.helpers.tables import read_table
from tests.helpers.trees import write_json

pytestmark = pytest.mark.usefixtures("in_this_process")

NOT_UTF8 = os.fsdecode(b"caf\xe9.mp4")
STATUSES = {
    "caf\\xe9.mp4": "ok",
    "'=cmd.mp4": "corrupt",
    "\\x1b[31mred.mp4": "corrupt",
    "line\\x0aend.mp4": "corrupt",
    "-0YWf6c.mp4": "corrupt",
    "pipe.mp4": "unreadable",
    "loop.mp4": "unreadable",
    "playlist.mp4": "unsupported",
    "sound.wav": "no_video",
    "sound.aiff": "no_video",
}


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in read_table(out / "videos.csv")}


@pytest.fixture
def clip(synthetic_manifest: Path) -> Path:
    return synthetic_manifest.parent / "p0_real.mp4"


@pytest.fixture
def one_video(clip: Path, tmp_path: Path) -> Path:
    """A folder with one video whose name is not UTF-8, prepared into `out`."""
    source = tmp_path / "in"
    source.mkdir()
    shutil.copy(clip, source / NOT_UTF8)
    assert call("prep", source, "--out", tmp_path / "out")[0] == 0
    return source


def write_awkward_files(source: Path) -> None:
    for name in ("=cmd.mp4", "\x1b[31mred.mp4", "line\nend.mp4", "-0YWf6c.mp4"):
        (source / name).write_bytes(b"x")
    os.mkfifo(source / "pipe.mp4")
    (source / "loop.mp4").symlink_to("loop.mp4")
    playlist = "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n"
    (source / "playlist.mp4").write_text(playlist, encoding="utf-8")
    for name in ("sound.wav", "sound.aiff"):
        wavfile.write(source / name, 8000, np.zeros(8000, np.int16))
    (source / "notes.md").write_text("x", encoding="utf-8")


def test_every_name_is_a_row(one_video: Path, tmp_path: Path) -> None:
    write_awkward_files(one_video)
    code, text = call("prep", one_video, "--out", tmp_path / "out")
    assert code == 3
    assert "\x1b" not in text
    assert "1 files are no media by their names, and left out: notes.md" in text
    statuses = {name: row["status"] for name, row in rows_of(tmp_path / "out").items()}
    assert statuses == STATUSES


def test_a_name_that_is_not_utf8_is_spelled_out_in_shards(
    one_video: Path,
    tmp_path: Path,
) -> None:
    del one_video
    (video,) = list_shard_videos(tmp_path / "out")
    assert video.info.id == "caf\\xe9.mp4"
    assert video.info.path.endswith("caf\\xe9.mp4")


def test_such_a_video_is_not_prepared_again(one_video: Path, tmp_path: Path) -> None:
    code, text = call("prep", one_video, "--out", tmp_path / "out")
    assert code == 0
    assert "nothing to do" in text


@pytest.mark.usefixtures("one_video")
def test_verify_compares_sources_under_their_real_names(tmp_path: Path) -> None:
    assert call("verify", tmp_path / "out", "--sources") == (
        0,
        "1 shard, 0 problems\n",
    )


def test_verify_finds_a_changed_source_under_its_real_name(
    one_video: Path,
    tmp_path: Path,
) -> None:
    (one_video / NOT_UTF8).write_bytes(b"another")
    code, text = call("verify", tmp_path / "out", "--sources")
    assert code == 2
    assert "the source has changed" in text
    assert "to rebuild" in text


@pytest.mark.usefixtures("one_video")
def test_verify_calls_no_source_lost_whose_real_name_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "out" / "prep.json").unlink()
    code, text = call("verify", tmp_path / "out", "--sources")
    assert code == 2
    assert "cannot be compared: its name is spelled out" in text
    assert "gone" not in text
    assert "to rebuild" not in text


def test_a_zero_byte_or_an_escape_in_metadata_ends_nothing(
    clip: Path,
    tmp_path: Path,
) -> None:
    names = {
        "method": "x\0y",
        "category": "\x1b[2J",
        "identity": "=1+1",
        "group": "@SUM(A1)",
    }
    awkward = VideoInfo(id="a", path=str(clip), **names)  # type: ignore[arg-type]
    nowhere = VideoInfo(id="b", path="/nowhere/x\0.mp4")
    listing = Listing("x", tuple(with_safe_names([awkward, nowhere])))
    result = run_prep(listing, tmp_path, PrepSettings(), workers=1)
    assert [row.status for row in result.rows] == ["ok", "missing"]
    info = list_shard_videos(tmp_path)[0].info
    stored = (info.method, info.category, info.identity, info.group)
    assert stored == ("x\\x00y", "\\x1b[2J", "'=1+1", "'@SUM(A1)")


@pytest.mark.parametrize(
    "text", ["id00076/00109.mp4", "Ünïcödé 视频.mp4", "a,b.mp4", "'quoted'", "a=b"]
)
def test_an_ordinary_name_stays_as_it_is(text: str) -> None:
    assert printable(text) == text
    assert spreadsheet_safe(text) == text


def test_control_characters_are_spelled_out() -> None:
    assert printable("a\nb\x9b\u202e", keep="\n") == "a\nb\\x9b\\u202e"
    assert printable(os.fsdecode(b"\xff")) == "\\xff"


@pytest.mark.parametrize("text", ["=1", "@x", "+cmd|' /C calc'!A0", "-1+SUM(A1)"])
def test_a_formula_gets_one_apostrophe(text: str) -> None:
    safe = spreadsheet_safe(text)
    assert safe == f"'{text}"
    assert spreadsheet_safe(safe) == safe


def test_a_name_that_begins_with_a_minus_is_no_formula() -> None:
    assert spreadsheet_safe("-0YWf6c_x/1.mp4") == "-0YWf6c_x/1.mp4"


def test_nothing_that_is_printed_commands_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def print_and_fail() -> None:
        print("name \x1b]0;title\x07 and\ttab")
        raise SourceError("bad\x1b[2J.mp4: no such file")

    assert run_guarded(print_and_fail) == 2
    printed = capsys.readouterr()
    assert printed.out == "name \\x1b]0;title\\x07 and\ttab\n"
    assert printed.err == "avdf: bad\\x1b[2J.mp4: no such file\n"


def lavdf_entry(name: str) -> dict[str, Any]:
    labels = {"modify_video": False, "modify_audio": False, "fake_periods": []}
    return {"file": name, "split": "test", "original": None, **labels}


def test_no_file_beside_the_dataset_is_opened_whatever_its_table_names(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "secret.mpg"
    secret.write_bytes(b"secret")
    inside = [f"test/{letter}.mp4" for letter in "abcd"]
    names = ["../secret.mpg", str(secret), *inside]
    root = tmp_path / "lavdf"
    write_json(root / "metadata.json", [lavdf_entry(name) for name in names])
    code, _ = call("prep", root, "--out", tmp_path / "out")
    rows = rows_of(tmp_path / "out").values()
    assert code == 3
    refused = [row for row in rows if row["status"] == "bad_entry"]
    assert len(refused) == 2
    assert all("leads out of" in row["reason"] for row in refused)
    assert [row["status"] for row in rows].count("missing") == len(inside)
