"""What a verdict rests on: synthetic data is marked, and a run on it says nothing about recordings."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from avdf.pipeline.drawn import draw_fakeavceleb, draw_kodf, draw_lavdf
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.synthetic import MARK_FILE, mark_as_synthetic


def test_generated_datasets_are_listed_as_synthetic_whatever_their_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for draw in (draw_fakeavceleb, draw_kodf, draw_lavdf):
        root = tmp_path / draw.__name__
        with monkeypatch.context() as patch:  # the mark stands before the first clip is made
            patch.setattr(f"{draw.__module__}.ProcessPoolExecutor", _no_pool)
            with pytest.raises(InterruptedError):
                draw(root, 1)
        assert (root / MARK_FILE).is_file()


def _no_pool(*_: object, **__: object) -> None:
    raise InterruptedError


def test_the_mark_holds_for_every_way_to_name_a_file(tmp_path: Path) -> None:
    for name in ("demo/real/a.mp4", "demo/fake/deep/er/b.mp4", "own/c.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    mark_as_synthetic(tmp_path / "demo")
    table = tmp_path / "own" / "manifest.csv"
    table.write_text("path,label\nc.mp4,0\n../demo/real/a.mp4,0\n", encoding="utf-8")
    ways = {
        "a generated root": ([tmp_path / "demo"], {True: 2}),
        "a part of it": ([tmp_path / "demo" / "fake" / "deep"], {True: 1}),
        "one file": ([tmp_path / "demo" / "real" / "a.mp4"], {True: 1}),
        "a table elsewhere": ([table], {True: 1, False: 1}),
        "both": ([tmp_path / "demo", tmp_path / "own" / "c.mp4"], {True: 2, False: 1}),
    }
    for way, (sources, wanted) in ways.items():
        assert Counter(video.synthetic for video in list_videos(sources).videos) == wanted, way
    shutil.copy(tmp_path / "demo" / "real" / "a.mp4", tmp_path / "own" / "copy.mp4")
    assert not list_videos([tmp_path / "own" / "copy.mp4"]).videos[0].synthetic
