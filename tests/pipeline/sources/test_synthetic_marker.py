"""The file that marks everything below its folder as synthetic."""

from pathlib import Path

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources import list_videos, synthetic_marker
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic, marked


def test_only_videos_below_the_mark_are_synthetic(tmp_path: Path) -> None:
    mark_as_synthetic(tmp_path / "made")
    names = ("made/a/b/c.mp4", "filmed/c.mp4", "made/a/d.mp4", "c.mp4", "made/e.mp4")
    videos = [VideoInfo(name, str(tmp_path / name), "test") for name in names]
    found = [video.id for video in marked(videos) if video.synthetic]
    assert found == ["made/a/b/c.mp4", "made/a/d.mp4", "made/e.mp4"]


def test_folders_that_are_forgotten_are_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic_marker, "_FOLDERS_KEPT", 2)
    mark_as_synthetic(tmp_path / "made")
    names = ("made/a/b/c.mp4", "filmed/c.mp4", "made/a/d.mp4")
    videos = [VideoInfo(name, str(tmp_path / name), "test") for name in names]
    assert [video.synthetic for video in marked(videos)] == [True, False, True]


def test_a_path_may_have_any_number_of_folders(tmp_path: Path) -> None:
    path = "/".join(["a"] * 2000) + "/clip.mp4"
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(f"path,label\n{path},real\n", encoding="utf-8")
    (video,) = list_videos([manifest]).videos
    assert not video.synthetic
