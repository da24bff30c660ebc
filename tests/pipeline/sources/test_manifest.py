"""CSV manifests: what is read from them, and what is refused."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.cache.core.identities import persons_of
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources import Listing, list_videos
from tests.helpers.listings import labels_of


def read(folder: Path, text: str) -> Listing:
    """A manifest with this text."""
    (folder / "m.csv").write_text(text, encoding="utf-8")
    return list_videos([folder / "m.csv"])


def read_one(folder: Path, text: str) -> VideoInfo:
    (video,) = read(folder, text).videos
    return video


def test_labels_are_words_or_numbers(tmp_path: Path) -> None:
    video = read_one(tmp_path, "path,label,label_audio\na.mp4,real,0\n")
    assert labels_of(video) == (0, -1, 0)


def test_missing_labels_are_unknown(tmp_path: Path) -> None:
    assert labels_of(read_one(tmp_path, "path,label\na.mp4,\n")) == (-1, -1, -1)


def test_a_fake_modality_makes_the_video_fake(tmp_path: Path) -> None:
    video = read_one(tmp_path, "path,label,label_audio\na.mp4,,fake\n")
    assert labels_of(video) == (1, -1, 1)


def test_who_else_takes_part_is_kept(tmp_path: Path) -> None:
    text = "path,label,identity,targets\na.mp4,1,anna,ben  carla\n"
    assert persons_of(read_one(tmp_path, text)) == {"anna", "ben", "carla"}


def test_spaces_around_values_are_left_out(tmp_path: Path) -> None:
    video = read_one(tmp_path, "path,label,split\n sub/b.mp4 , 1 , test \n")
    assert (video.id, video.label, video.split) == ("sub/b.mp4", 1, "test")


def test_paths_start_from_the_folder_of_the_manifest(tmp_path: Path) -> None:
    video = read_one(tmp_path, "path,label\nsub/b.mp4,1\n")
    assert video.path == str((tmp_path / "sub" / "b.mp4").resolve())


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert read_one(tmp_path, "\ufeffpath,label\na.mp4,0\n").id == "a.mp4"


def test_the_dataset_is_named_after_the_manifest_or_by_its_column(
    tmp_path: Path,
) -> None:
    text = "path,label,dataset\na.mp4,0,\nb.mp4,0,other\n"
    assert [video.dataset for video in read(tmp_path, text).videos] == ["m", "other"]


def test_the_first_columns_that_are_not_used_are_named_in_a_note(
    tmp_path: Path,
) -> None:
    extra = [f"x{number}" for number in range(10)]
    listing = read(tmp_path, f"path,label,{','.join(extra)}\na.mp4,0{',1' * 10}\n")
    (note,) = listing.notes
    assert "'x0', 'x1'" in note
    assert note.endswith("and 2 more")


def test_a_column_id_is_explained_in_the_note(tmp_path: Path) -> None:
    (note,) = read(tmp_path, "path,label,id\na.mp4,0,7\n").notes
    assert "the id of a video is its path" in note


@pytest.mark.parametrize("spelling", ["./a.mp4", "sub/../a.mp4", "link.mp4"])
def test_one_file_under_two_names_is_refused(spelling: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a.mp4")
    with pytest.raises(SourceError, match="is the file of line 2 again"):
        read(tmp_path, f"path,label\na.mp4,0\n{spelling},0\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,label\na,0\n", "no column path"),
        ("path,lable\na,0\n", "no column label"),
        ("path,label\na,maybe\n", "line 2: label is 'maybe'"),
        ("path,label,split\na,0,dev\n", "split 'dev'"),
        ("path,label,label_audio\na,0,1\n", "modality is labelled fake"),
        ("path,label\na,0\na,1\n", "line 3: 'a' is the file of line 2 again"),
        ("path,label\n,0\n", "line 2: the path is empty"),
        (f"path,label\n{'a' * 5000},0\n", "line 2: a path of 5000 characters"),
        ("path,label,method\na,0,x\x07\n", "write it without control characters"),
        ("path,label\n", "lists no videos"),
        ("", "without even a header"),
    ],
)
def test_a_wrong_manifest_is_one_sentence(
    text: str,
    message: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_manifest_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b"path,label\n\xff\xfe,0\n")
    with pytest.raises(SourceError, match="not text in UTF-8"):
        list_videos([tmp_path / "m.csv"])
