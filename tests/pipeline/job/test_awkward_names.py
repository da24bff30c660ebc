"""File names and metadata as they may come: each costs its own row at most, and no terminal or sheet acts on it."""

import csv
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from avdf.cache.core.text import printable, spreadsheet_safe
from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import list_shard_videos
from avdf.cli.exits import run as run_guarded
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job import run as job
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.job.task import PrepTask
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.job.worker import run_task
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing
from avdf.pipeline.sources.safe_names import with_safe_names
from tests.helpers.command import call

Rows = tuple[VideoRow, ...]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, detector: FaceDetector) -> None:
    """Tasks are done in this process, which has loaded the detector."""

    def run_here(
        tasks: Sequence[PrepTask], workers: int, on_video: Callable[[str], None]
    ) -> Iterator[tuple[PrepTask, Rows]]:
        del workers
        for task in tasks:
            yield task, tuple(run_task(task, detector, on_video))

    monkeypatch.setattr(job, "run_tasks", run_here)


def rows_of(out: Path) -> dict[str, dict[str, str]]:
    with (out / "videos.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.mark.usefixtures("here")
def test_every_name_is_a_row(synthetic_manifest: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    shutil.copy(synthetic_manifest.parent / "p0_real.mp4", source / os.fsdecode(b"caf\xe9.mp4"))
    for name in ("=cmd.mp4", "\x1b[31mred.mp4", "line\nend.mp4", "-0YWf6c.mp4"):
        (source / name).write_bytes(b"x")
    os.mkfifo(source / "pipe.mp4")
    (source / "loop.mp4").symlink_to("loop.mp4")
    (source / "playlist.mp4").write_text(
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n", encoding="utf-8"
    )
    for name in ("sound.wav", "sound.aiff"):
        wavfile.write(source / name, 8000, np.zeros(8000, np.int16))
    (source / "notes.md").write_text("x", encoding="utf-8")
    code, text = call("prep", source, "--out", out)
    assert code == 3 and "\x1b" not in text
    assert "1 files are no media by their names, and left out: notes.md" in text
    assert {name: row["status"] for name, row in rows_of(out).items()} == {
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
    (video,) = list_shard_videos(out)
    assert video.info.id == "caf\\xe9.mp4" and video.info.path.endswith("caf\\xe9.mp4")
    code, text = call("prep", source, "--out", out)
    assert code == 3 and "nothing to do" in text

    # sources are compared under their real names, which the plan has; a name that nobody knows is no lost file
    assert call("verify", out, "--sources") == (0, "1 shards, 0 problems\n")
    (source / os.fsdecode(b"caf\xe9.mp4")).write_bytes(b"another")
    code, text = call("verify", out, "--sources")
    assert code == 2 and "the source has changed" in text and "to rebuild" in text
    (out / "prep.json").unlink()
    code, text = call("verify", out, "--sources")
    assert code == 2 and "cannot be compared: its name is spelled out" in text
    assert "gone" not in text and "to rebuild" not in text


@pytest.mark.usefixtures("here")
def test_a_zero_byte_or_an_escape_in_metadata_ends_nothing(
    synthetic_manifest: Path, tmp_path: Path
) -> None:
    clip = str(synthetic_manifest.parent / "p0_real.mp4")
    videos = with_safe_names(
        [
            VideoInfo(
                id="a",
                path=clip,
                method="x\0y",
                category="\x1b[2J",
                identity="=1+1",
                group="@SUM(A1)",
            ),
            VideoInfo(id="b", path="/nowhere/x\0.mp4"),
        ]
    )
    result = run_prep(Listing("x", videos), tmp_path, PrepSettings(), workers=1)
    assert [row.status for row in result.rows] == ["ok", "missing"]
    info = list_shard_videos(tmp_path)[0].info
    assert (info.method, info.category, info.identity, info.group) == (
        "x\\x00y",
        "\\x1b[2J",
        "'=1+1",
        "'@SUM(A1)",
    )


def test_names_are_spelled_out_only_where_they_must_be() -> None:
    for text in ("id00076/00109.mp4", "Ünïcödé 视频.mp4", "a,b.mp4", "'quoted'", "a=b"):
        assert spreadsheet_safe(text) == printable(text) == text
    assert printable("a\nb\x9b\u202e", keep="\n") == "a\nb\\x9b\\u202e"
    assert printable(os.fsdecode(b"\xff")) == "\\xff"
    for text in ("=1", "@x", "+cmd|' /C calc'!A0", "-1+SUM(A1)"):
        assert spreadsheet_safe(text) == f"'{text}" == spreadsheet_safe(spreadsheet_safe(text))
    assert spreadsheet_safe("-0YWf6c_x/1.mp4") == "-0YWf6c_x/1.mp4"


def test_nothing_that_is_printed_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from avdf.cache.core.errors import SourceError

    def speak() -> None:
        print("name \x1b]0;title\x07 and\ttab")
        raise SourceError("bad\x1b[2J.mp4: no such file")

    assert run_guarded(speak) == 2
    told = capsys.readouterr()
    assert (
        told.out == "name \\x1b]0;title\\x07 and\ttab\n"
        and told.err == "avdf: bad\\x1b[2J.mp4: no such file\n"
    )


@pytest.mark.usefixtures("here")
def test_names_from_metadata_stay_below_the_root(tmp_path: Path) -> None:
    """Whatever a table names, no file beside the dataset is opened."""
    import json

    root = tmp_path / "lavdf"
    root.mkdir()
    (tmp_path / "secret.mpg").write_bytes(b"secret")
    names = [
        "../secret.mpg",
        str(tmp_path / "secret.mpg"),
        "test/a.mp4",
        "test/b.mp4",
        "test/c.mp4",
        "test/d.mp4",
    ]
    entry = {
        "split": "test",
        "modify_video": False,
        "modify_audio": False,
        "fake_periods": [],
        "original": None,
    }
    text = json.dumps([{"file": name, **entry} for name in names])
    (root / "metadata.json").write_text(text, encoding="utf-8")
    code, _ = call("prep", root, "--out", tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert code == 3 and len(rows) == len(names)
    refused = [row for row in rows.values() if row["status"] == "bad_entry"]
    assert len(refused) == 2 and all("leads out of" in row["reason"] for row in refused)
    assert {row["status"] for row in rows.values()} == {"bad_entry", "missing"}
