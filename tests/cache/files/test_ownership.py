"""A command writes only into new folders, empty ones and its own, and never over its input."""

import json
import shutil
from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.cache.files.folder_lock import folder_lock
from avdf.cache.files.ownership import OWNER_FILE, claim_folder, kind_of
from tests.helpers.command import DEMO_MODEL, call


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder of the user's own."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in (
        "film.mkv.partial",
        "videos.csv",
        "shard-00000.h5",
        "config.json",
        "metrics.json",
    ):
        (folder / name).write_text("mine", encoding="utf-8")
    return folder


def test_nobodys_files_are_touched_by_any_command(
    mine: Path,
    synthetic_manifest: Path,
    shards: Path,
    run: Path,
) -> None:
    before = files(mine)
    clip = synthetic_manifest.parent / "p4_real.mp4"
    table = mine.parent / "table.csv"
    table.write_text("id,score,label\na,0.5,1\nb,0.1,0\n", encoding="utf-8")
    for words in (
        ("prep", clip),
        ("train", shards, *DEMO_MODEL),
        ("score", run, clip),
        ("evaluate", table, "--split", "all"),
        ("demo",),
        ("reproduce", "table1", "--fakeavceleb", shards),
    ):
        code, text = call(*words, "--out", mine)
        assert (
            code == 2
            and "not of avdf (config.json, ...)" in text
            and len(text.splitlines()) == 1
        ), (words, text)
    assert files(mine) == before


def test_a_file_is_no_folder(
    tmp_path: Path,
    synthetic_manifest: Path,
    shards: Path,
    run: Path,
) -> None:
    out = tmp_path / "file"
    out.write_text("mine", encoding="utf-8")
    clip = synthetic_manifest.parent / "p4_real.mp4"
    for words in (
        ("prep", clip),
        ("train", shards, *DEMO_MODEL),
        ("score", run, clip),
        ("demo",),
    ):
        code, text = call(*words, "--out", out)
        assert code == 2 and "is a file; name a folder for the output" in text, (
            words,
            text,
        )
    for words in (
        ("bench", "train", shards, "--json"),
        ("bench", "prep", clip, "--json"),
        ("protocol", "dataset", shards, "--out"),
        ("info", shards, "--sheet"),
    ):
        code, text = call(*words, out)
        assert code == 2 and "exists and is not" in text, (words, text)
        code, text = call(*words, tmp_path)
        assert code == 2 and "is a folder; name a file" in text, (words, text)
    assert out.read_text(encoding="utf-8") == "mine"


def test_no_command_writes_into_anothers_folder_or_over_its_input(
    shards: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    own = tmp_path / "shards"
    shutil.copytree(shards, own)
    before = files(own), files(run)
    scores = tmp_path / "scores"
    assert call("score", run, own, "--out", scores)[0] == 0
    for words, message in (
        (("score", run, own, "--out", own), "is read, and the output"),
        (("score", run, own, "--out", run), "is read, and the output"),
        (
            ("score", run, own / "shard-00000.h5", "--out", own),
            "is read, and the output",
        ),
        (("train", own, "--out", own, *DEMO_MODEL), "is read, and the output"),
        (("train", own, "--out", scores, *DEMO_MODEL), "holds scores of `avdf score`"),
        (
            ("evaluate", scores / "videos.csv", "--out", scores),
            "is read, and the output",
        ),
        (
            ("evaluate", scores / "videos.csv", "--out", run),
            "holds a run of `avdf train`",
        ),
        (("prep", own / "videos.csv", "--out", own), "is read, and the output"),
    ):
        code, text = call(*words)
        assert code == 2 and message in text, (words, text)
    assert (files(own), files(run)) == before
    assert call("score", run, own, "--out", scores)[0] == 0  # its own kind


def test_a_folder_from_before_the_mark_is_known_by_its_files(
    shards: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    assert (
        kind_of(shards) == "shards"
        and kind_of(run) == "run"
        and kind_of(tmp_path) is None
    )
    old = tmp_path / "old"
    shutil.copytree(run, old)
    (old / OWNER_FILE).unlink()
    assert kind_of(old) == "run"
    (old / OWNER_FILE).write_text(
        json.dumps({"format": "avdf-folder", "kind": "unheard of"}),
        encoding="utf-8",
    )
    assert kind_of(old) == "run"
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / ".DS_Store").write_bytes(b"x")
    claim_folder(hidden, "shards")  # nothing to be seen: as good as empty
    assert kind_of(hidden) == "shards"


def test_a_table_replaces_a_table_alone(shards: Path, tmp_path: Path) -> None:
    out = tmp_path / "protocol.csv"
    for _ in range(2):
        assert call("protocol", "dataset", shards, "--out", out)[0] == 0
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("path,label\na.mp4,0\n", encoding="utf-8")
    code, text = call("protocol", "dataset", manifest, "--out", manifest)
    assert code == 2 and "is not a table of `avdf protocol`" in text
    assert manifest.read_text(encoding="utf-8").startswith("path,label")


def test_one_job_works_in_a_folder_at_a_time(
    tmp_path: Path,
    synthetic_manifest: Path,
) -> None:
    """The second job is refused with a sentence; the lock ends with the first."""
    (tmp_path / "shards").mkdir()
    with folder_lock(tmp_path / "shards"):
        code, text = call(
            "prep", synthetic_manifest, "--out", tmp_path / "shards", "--workers", "1"
        )
        assert code == 2 and "another `avdf prep` is running in" in text
    with folder_lock(tmp_path / "shards", SourceError("taken")):
        pass
