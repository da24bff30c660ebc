"""docs/manifest.md says what the reader of manifests does."""

import re
from pathlib import Path

import pytest

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.manifest import read_manifest
from tests.helpers.pages import read_page

PAGE = read_page("docs/manifest.md")
LABELS = {"real (0)": REAL, "fake (1)": FAKE, "unknown (-1)": UNKNOWN}
SPELLINGS = [
    (spelling, LABELS[label])
    for label, spellings in PAGE.table_rows("Spellings of labels")
    for spelling in re.findall(r"`([^`]+)`", spellings)
]


def read(folder: Path, text: str) -> tuple[VideoInfo, ...]:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return tuple(read_manifest(path).videos)


@pytest.mark.parametrize(
    ("spelling", "label"), [*SPELLINGS, ("", UNKNOWN), ("REAL", REAL)]
)
def test_each_spelling_of_a_label_is_read_as_the_page_says(
    tmp_path: Path,
    spelling: str,
    label: int,
) -> None:
    (video,) = read(tmp_path, f"path,label\na.mp4,{spelling}\n")
    assert video.label == label


@pytest.mark.parametrize("spelling", ["1.0", "true", "genuine"])
def test_the_spellings_that_the_page_calls_refused_are_refused(
    tmp_path: Path,
    spelling: str,
) -> None:
    with pytest.raises(SourceError, match="line 2"):
        read(tmp_path, f"path,label\na.mp4,{spelling}\n")


def test_every_listed_column_is_used(tmp_path: Path) -> None:
    columns = [row[0].strip("`") for row in PAGE.table_rows("Columns")]
    values = {"path": "a.mp4", "split": "val"}
    line = ",".join(values.get(column, "1") for column in columns)
    path = tmp_path / "manifest.csv"
    path.write_text(f"{','.join(columns)}\n{line}\n", encoding="utf-8")

    listing = read_manifest(path)

    assert not listing.notes
    assert all(getattr(listing.videos[0], name) for name in columns if name != "path")


def test_other_columns_are_named_in_a_note(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text("path,label,age\na.mp4,real,30\n", encoding="utf-8")
    (note,) = read_manifest(path).notes
    assert note.endswith("columns that are not used: 'age'")
    assert "`columns that are not used: 'age'`" in PAGE.text


def test_the_example_of_the_page_can_be_read(tmp_path: Path) -> None:
    (example,) = PAGE.blocks("csv")
    videos = read(tmp_path, example.text)
    assert [video.id for video in videos] == [
        "clips/a.mp4",
        "clips/b.mp4",
        "clips/c.mp4",
    ]
    assert [video.label for video in videos] == [REAL, FAKE, UNKNOWN]


def test_an_empty_label_becomes_fake_when_a_track_is_fake(tmp_path: Path) -> None:
    (video,) = read(tmp_path, "path,label,label_audio\na.mp4,,fake\n")
    assert video.label == FAKE


def test_a_real_video_cannot_have_a_fake_track(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 2"):
        read(tmp_path, "path,label,label_audio\na.mp4,real,fake\n")
