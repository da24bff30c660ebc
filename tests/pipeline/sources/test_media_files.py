"""Media files below a folder: links are followed once, and cycles end."""

from pathlib import Path

import pytest

from avdf.cache.files.ownership import Kind, claim_folder
from avdf.pipeline.sources.media_files import media_files, other_files, unlisted_media
from avdf.pipeline.sources.paths import inside
from tests.helpers.listings import by_id
from tests.helpers.trees import touch, write_lavdf


def names(root: Path, *without: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in media_files(root, without)]


def test_they_are_found_by_the_endings_of_their_names_in_order(tmp_path: Path) -> None:
    for name in ("b/2.MP4", "a/1.mkv", "c.wav", "d.txt", ".hidden/e.mp4", ".f.mp4"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["a/1.mkv", "b/2.MP4", "c.wav"]


def test_some_folders_can_be_left_out(tmp_path: Path) -> None:
    for name in ("a/1.mp4", "b/2.mp4"):
        touch(tmp_path / name)
    assert names(tmp_path, tmp_path / "a") == ["b/2.mp4"]


def test_linked_folders_are_entered(tmp_path: Path) -> None:
    touch(tmp_path / "disk" / "b" / "2.mp4")
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked").symlink_to(tmp_path / "disk", target_is_directory=True)
    assert names(root) == ["linked/b/2.mp4"]


def test_a_folder_that_has_a_name_of_its_own_is_not_listed_by_a_link(
    tmp_path: Path,
) -> None:
    touch(tmp_path / "z" / "1.mp4")
    (tmp_path / "a").symlink_to(tmp_path / "z", target_is_directory=True)
    assert names(tmp_path) == ["z/1.mp4"]


def test_a_cycle_of_links_ends(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.mp4")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    assert names(tmp_path) == ["a/1.mp4"]


def test_links_to_nothing_are_listed_by_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "itself.mp4").symlink_to(tmp_path / "itself.mp4")
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "nowhere.mp4")
    assert set(by_id(tmp_path)) == {"itself.mp4", "gone.mp4"}


def test_other_files_are_all_but_media_and_hidden_ones(tmp_path: Path) -> None:
    for name in ("a.mp4", "x/readme.md", "list.csv", ".git/config"):
        touch(tmp_path / name)
    assert other_files(tmp_path) == ["list.csv", "x/readme.md"]


def test_media_that_no_video_is_are_unlisted(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4")
    touch(tmp_path / "b.mp4")
    listed = [by_id(tmp_path)["a.mp4"]]
    assert [path.name for path in unlisted_media(tmp_path, listed)] == ["b.mp4"]


def test_a_dataset_whose_splits_are_links_is_whole(tmp_path: Path) -> None:
    write_lavdf(tmp_path / "disk")
    root = tmp_path / "root"
    root.mkdir()
    for name in ("train", "dev", "test", "metadata.json"):
        (root / name).symlink_to(tmp_path / "disk" / name)
    videos = by_id(root)
    assert len(videos) == 12
    assert all(video.file.is_file() for video in videos.values())


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../a.mp4", "a/../../b.mp4", "a\0.mp4"]
)
def test_a_name_that_leads_out_of_the_root_is_refused(
    name: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(ValueError, match="leads out of"):
        inside(tmp_path, name)


@pytest.mark.parametrize("kind", ["shards", "run", "scores", "evaluation"])
def test_what_avdf_wrote_inside_the_source_is_not_read(
    kind: Kind, tmp_path: Path
) -> None:
    touch(tmp_path / "a.mp4")
    claim_folder(tmp_path / "out" / "x", kind)
    touch(tmp_path / "out" / "x" / "b.mp4")
    touch(tmp_path / "out" / "x" / "videos.csv")
    assert names(tmp_path) == ["a.mp4"]
    assert other_files(tmp_path) == []


def test_a_demo_inside_the_source_is_read(tmp_path: Path) -> None:
    """It keeps a dataset beside its results."""
    claim_folder(tmp_path / "demo", "demo")
    touch(tmp_path / "demo" / "dataset" / "a.mp4")
    assert names(tmp_path) == ["demo/dataset/a.mp4"]
