"""The detector on docs/peers.md runs as the page says, and the page lists every field."""

import sys
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from avdf.model.peers import PeerDescription
from tests.helpers.command import call
from tests.helpers.pages import cells, read_page
from tests.helpers.peer_modules import write_peer_shards
from tests.helpers.tables import read_table

PAGE = read_page("docs/peers.md")


def test_the_detector_of_the_page_scores_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = PAGE.blocks("python")
    (tmp_path / "my_detector.py").write_text(block.text, encoding="utf-8")
    write_peer_shards(tmp_path / "SHARDS")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (line,) = PAGE.blocks("sh")[1].text.splitlines()
    code, text = call(*line.split()[1:])
    assert code == 0, text
    assert "Rests on my detector 1.0 (my_detector:MyDetector)" in text
    for row in read_table(tmp_path / "SCORES/videos.csv"):
        assert row["status"] == "ok" and row["examined"] == "picture"
        assert row["p_visual"] == row["p_video"] and 0 < float(row["p_video"]) < 1
        assert row["p_audio"] == ""


def test_the_page_shows_no_more_lines_than_it_says() -> None:
    (block,) = PAGE.blocks("python")
    assert len([line for line in block.text.splitlines() if line.strip()]) <= 30


def test_the_page_lists_every_field_with_its_default() -> None:
    _, _, table = PAGE.prose.partition("| field | default | meaning |\n")
    listed: dict[str, str] = {}
    for line in table.split("\n\n")[0].splitlines()[1:]:
        names, defaults, _ = cells(line)
        values = defaults.split(",")
        for name, value in zip(names.split(", "), values, strict=True):
            listed[name.strip("`")] = value.strip().strip("`")
    in_code = {field.name: field.default for field in fields(PeerDescription)}
    assert list(listed) == list(in_code)
    for name, default in in_code.items():
        if name == "judges":
            assert listed[name] == "all three"
        else:
            shown = "" if default is MISSING else repr(default).replace("'", '"')
            assert listed[name] == shown, name


def test_the_page_lists_every_baseline() -> None:
    for name in ("PictureDetail", "SoundSpectrum", "MouthMotion"):
        assert f"| `avdf.model.peers:{name}` |" in PAGE.text
