"""`avdf.describe`: what shards or a run hold."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError, ShardError
from tests.helpers.checkpoints import Header, copy_run


def test_shards_are_described_by_their_counts(shards: Path) -> None:
    found = avdf.describe(shards)
    assert isinstance(found, avdf.ShardsDescription)
    assert (found.summary.videos, found.summary.shards) == (18, 4)
    lines = str(found).splitlines()
    assert lines[0].startswith("18 videos in 4 shards, ")
    assert "label: fake 12, real 6" in lines
    assert "contact sheet" not in str(found)


def test_a_run_is_described_by_its_checkpoints(run: Path) -> None:
    found = avdf.describe(run)
    assert isinstance(found, avdf.RunDescription)
    lines = str(found).splitlines()
    assert lines[0].startswith(
        f"best: epoch {found.best.epoch}, step {found.best.step}, "
    )
    assert lines[1].startswith("last: epoch 2, ")
    assert any(line.startswith("clip: demo, weights demo, sha256 ") for line in lines)
    assert "trained: prompts, projections and heads" in lines
    assert any(line.startswith("training: epochs 2, ") for line in lines)


def test_what_a_run_trains_is_named(run: Path, tmp_path: Path) -> None:
    def probe(header: Header) -> None:
        header["config"]["model"]["adapt"] = "probe"

    found = avdf.describe(copy_run(run, tmp_path / "run", probe))
    assert "trained: linear heads alone" in str(found).splitlines()


def test_a_contact_sheet_is_written_on_request(shards: Path, tmp_path: Path) -> None:
    found = avdf.describe(shards, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert str(found).endswith(f"contact sheet: {tmp_path / 'sheet.png'}")


def test_a_file_of_another_kind_is_not_replaced(shards: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="is not a PNG image"):
        avdf.describe(shards, tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_without_shards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="no shards here"):
        avdf.describe(tmp_path)
