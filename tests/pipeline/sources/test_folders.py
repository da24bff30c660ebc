"""Folders that are no published dataset: plain ones, `real/` and `fake/`, single files."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.pipeline.sources import list_videos
from tests.helpers.command import call
from tests.helpers.listings import by_id, labels_of
from tests.helpers.trees import touch


def make(root: Path, *names: str) -> Path:
    for name in names:
        touch(root / name)
    return root


def test_the_folders_real_and_fake_are_labels(tmp_path: Path) -> None:
    make(
        tmp_path,
        "real/a.mp4",
        "fake/sub/b.MKV",
        "fake/.hidden.mp4",
        "notes.txt",
        "other.mp4",
    )
    found = {name: labels_of(video) for name, video in by_id(tmp_path).items()}
    assert found == {"real/a.mp4": (0, 0, 0), "fake/sub/b.MKV": (1, -1, -1)}


def test_what_is_beside_real_and_fake_is_counted_and_not_used(tmp_path: Path) -> None:
    make(tmp_path, "real/a.mp4", "fake/b.mp4", "other.mp4")
    assert [path.name for path in list_videos([tmp_path]).unlisted] == ["other.mp4"]


def test_real_and_fake_may_be_in_capitals(tmp_path: Path) -> None:
    make(tmp_path, "Real/a.mp4", "FAKE/b.mp4")
    found = {name: video.label for name, video in by_id(tmp_path).items()}
    assert found == {"Real/a.mp4": 0, "FAKE/b.mp4": 1}


def test_two_folders_that_differ_in_capitals_alone_are_not_guessed(
    tmp_path: Path,
) -> None:
    make(tmp_path, "real/a.mp4", "Real/b.mp4", "fake/c.mp4")
    assert {video.label for video in by_id(tmp_path).values()} == {-1}


def test_real_and_fake_may_be_in_folders_of_splits(tmp_path: Path) -> None:
    make(tmp_path, "Train/real/a.mp4", "Train/fake/b.mp4")
    make(tmp_path, "validation/Real/a.mp4", "validation/Fake/b.mp4")
    found = {
        name: (video.label, video.split) for name, video in by_id(tmp_path).items()
    }
    assert found == {
        "Train/real/a.mp4": (0, "train"),
        "Train/fake/b.mp4": (1, "train"),
        "validation/Real/a.mp4": (0, "val"),
        "validation/Fake/b.mp4": (1, "val"),
    }


def test_any_folder_gives_its_media_files_without_labels(tmp_path: Path) -> None:
    make(tmp_path, "x/a.mp4", "b.flac", "c.csv.txt")
    found = [(video.id, video.label) for video in list_videos([tmp_path]).videos]
    assert found == [("b.flac", -1), ("x/a.mp4", -1)]


def test_single_files_are_named_by_their_names(tmp_path: Path) -> None:
    make(tmp_path, "x/a.mp4", "b.flac")
    videos = list_videos([tmp_path / "x/a.mp4", tmp_path / "b.flac"]).videos
    assert [video.id for video in videos] == ["a.mp4", "b.flac"]


def test_two_sources_with_one_id_are_refused(tmp_path: Path) -> None:
    make(tmp_path, "x/a.mp4", "y/a.mp4")
    with pytest.raises(SourceError, match=r"a\.mp4 is the id of 2 videos .* manifest"):
        list_videos([tmp_path / "x", tmp_path / "y"])


def test_a_file_that_is_given_twice_is_read_once(tmp_path: Path) -> None:
    make(tmp_path, "a.mp4")
    file = tmp_path / "a.mp4"
    listing = list_videos([file, file])
    assert [video.id for video in listing.videos] == ["a.mp4"]
    assert listing.notes == (f"{file} and {file} are one source: it is read once",)


def test_a_link_is_the_file_that_it_leads_to(tmp_path: Path) -> None:
    make(tmp_path, "a.mp4")
    link = tmp_path / "link.mp4"
    link.symlink_to("a.mp4")
    listing = list_videos([link, tmp_path / "a.mp4"])
    assert [video.id for video in listing.videos] == ["link.mp4"]


def test_a_file_beside_its_own_folder_is_one_video_given_twice(tmp_path: Path) -> None:
    make(tmp_path, "a.mp4")
    with pytest.raises(SourceError, match=r"a\.mp4 is given 2 times; give each video"):
        list_videos([tmp_path, tmp_path / "a.mp4"])


@pytest.mark.parametrize(
    ("name", "dataset", "message"),
    [
        ("nowhere", None, "no such file or folder"),
        (".", None, "no video files"),
        (".", "imagenet", "unknown"),
        (".", "fakeavceleb", "fill in the form"),
    ],
)
def test_a_source_without_videos_is_one_sentence(
    name: str,
    dataset: str | None,
    message: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(SourceError, match=message):
        list_videos([tmp_path / name], dataset)


def test_no_source_at_all_is_refused() -> None:
    with pytest.raises(SourceError, match="no source given"):
        list_videos([])


@pytest.mark.parametrize(
    "name",
    [
        "Celeb-synthesis/b.mp4",
        "FakeVideo-FakeAudio/African/b.mp4",
        "labels.csv",
        "x/metadata.json",
        "fake/b.mp4",
    ],
)
def test_a_plain_folder_says_what_may_be_labels(name: str, tmp_path: Path) -> None:
    make(tmp_path, "clips/a.mp4", name)
    code, text = call("prep", tmp_path, "--dry-run")
    assert code == 0
    assert "taken as a plain folder: no label is known" in text
    assert name.partition("/")[0] in text


def test_words_inside_a_table_may_be_labels_too(tmp_path: Path) -> None:
    make(tmp_path, "a.mp4")
    (tmp_path / "list.txt").write_text("a.mp4 genuine\n", encoding="utf-8")
    notes = list_videos([tmp_path]).notes
    assert "list.txt may hold labels" in notes[0]


def test_only_the_first_five_signs_are_named(tmp_path: Path) -> None:
    make(tmp_path, "a.mp4", *(f"fake{number}/b.mp4" for number in range(7)))
    assert "and 2 more may hold labels" in list_videos([tmp_path]).notes[0]


def test_a_folder_without_signs_of_labels_has_no_note(tmp_path: Path) -> None:
    make(tmp_path, "clips/a.mp4")
    assert list_videos([tmp_path]).notes == ()


def test_files_that_are_no_media_are_counted(tmp_path: Path) -> None:
    make(tmp_path, "a.mp4", "readme.md", "x/b.doc", ".hidden")
    (note,) = list_videos([tmp_path]).notes
    assert note == "2 files are no media by their names, and left out: readme.md ..."
