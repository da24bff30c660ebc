"""Datasets below a folder: a root that is named a level too high, and several datasets."""

from collections import Counter
from pathlib import Path

import pytest

from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.detect_format import recognise
from avdf.pipeline.sources.nested_datasets import datasets_below
from tests.helpers.command import call
from tests.helpers.fakeavceleb_trees import write_small_fakeavceleb
from tests.helpers.trees import touch, write_kodf, write_lavdf


@pytest.mark.parametrize("levels", ["FakeAVCeleb_v1.2", "data/FakeAVCeleb_v1.2"])
def test_a_root_below_is_found_and_named_in_a_note(levels: str, tmp_path: Path) -> None:
    root = tmp_path / levels
    root.mkdir(parents=True)
    write_small_fakeavceleb(root)
    listing = list_videos([tmp_path])
    assert listing.videos == list_videos([root]).videos
    assert listing.notes[0] == f"{root}: recognised as fakeavceleb"


def test_a_root_three_levels_below_is_not_looked_for(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "a" / "b" / "c")
    assert datasets_below(tmp_path, recognise) == []


def test_a_folder_with_very_many_folders_is_not_searched(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "LAV-DF")
    for number in range(500):
        (tmp_path / f"{number}").mkdir()
    assert datasets_below(tmp_path, recognise) == []


def test_hidden_folders_are_not_searched(tmp_path: Path) -> None:
    write_lavdf(tmp_path / ".LAV-DF")
    assert datasets_below(tmp_path, recognise) == []


def test_several_datasets_are_read_together_with_what_is_beside(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "LAV-DF")
    write_kodf(tmp_path / "KoDF")
    touch(tmp_path / "mine" / "a.mp4")
    listing = list_videos([tmp_path])
    counts = Counter(video.dataset for video in listing.videos)
    assert counts == {"lav-df": 12, "kodf": 18, tmp_path.name: 1}
    assert any(
        "1 files beside these are listed without labels" in one for one in listing.notes
    )


def test_the_command_prints_what_was_recognised(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "LAV-DF")
    code, text = call("prep", tmp_path, "--dry-run")
    assert code == 0
    assert "recognised as lav-df" in text
