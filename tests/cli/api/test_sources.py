"""What a path is: shards, or video files."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.sources import (
    Sources,
    is_shards,
    known_videos,
    open_sources,
    output_notes,
    refuse_shards,
)


def test_a_folder_of_shards_is_recognised(shards: Path) -> None:
    assert is_shards(shards)
    assert open_sources([shards]).shards == shards


def test_a_single_shard_is_recognised(shards: Path) -> None:
    assert is_shards(next(shards.glob("*.h5")))


@pytest.mark.parametrize("mark", ["prep.json", "mirror.json"])
def test_a_folder_that_awaits_shards_is_recognised(mark: str, tmp_path: Path) -> None:
    (tmp_path / mark).write_text("{}", encoding="utf-8")
    assert is_shards(tmp_path)


def test_a_folder_of_videos_is_not_shards(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    assert not is_shards(tmp_path)
    assert open_sources([tmp_path]).shards is None


def test_several_places_are_files(tmp_path: Path) -> None:
    assert open_sources([tmp_path, tmp_path / "a.mp4"]).shards is None


def test_shards_beside_another_source_are_refused(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="2 sources are given"):
        open_sources([shards, tmp_path])


def test_one_source_is_titled_by_its_name(tmp_path: Path) -> None:
    assert Sources((tmp_path / "a.mp4",), None).title == "a.mp4"


def test_sources_of_one_folder_are_titled_by_number_and_folder(tmp_path: Path) -> None:
    paths = (tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert Sources(paths, None).title == f"2 sources in {tmp_path.name}"


def test_sources_of_several_folders_are_titled_by_number(tmp_path: Path) -> None:
    paths = (tmp_path / "a.mp4", tmp_path / "inner" / "b.mp4")
    assert Sources(paths, None).title == "2 sources"


@pytest.mark.parametrize("place", ["s3://bucket/shards", "shards"])
def test_shards_need_a_folder_for_their_tables(
    place: str,
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(shards.parent)
    with pytest.raises(SettingsError, match="output folder"):
        refuse_shards([place if "://" in place else shards])


def test_files_need_no_folder(tmp_path: Path) -> None:
    refuse_shards([tmp_path / "a.mp4"])


def test_the_videos_of_shards_and_of_their_manifest_are_the_same(
    shards: Path,
    synthetic_manifest: Path,
) -> None:
    stored = {video.id: video.label for video in known_videos(shards)}
    listed = {video.id: video.label for video in known_videos(synthetic_manifest)}
    assert stored == listed
    assert len(stored) == 18


def test_an_output_folder_inside_a_source_is_named(tmp_path: Path) -> None:
    (note,) = output_notes(tmp_path / "shards" / "x", [tmp_path, tmp_path / "other"])
    assert f"inside {tmp_path}: nothing in it is read" in note


def test_an_output_folder_beside_the_source_needs_no_note(tmp_path: Path) -> None:
    assert output_notes(tmp_path / "out", [tmp_path / "videos"]) == []
