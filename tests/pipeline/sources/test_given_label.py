"""A label for videos of which the source does not say what they are."""

from dataclasses import replace
from pathlib import Path

import pytest

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.given_label import labelled
from tests.helpers.command import call


def labels_of(video: VideoInfo) -> tuple[int, int, int]:
    return video.label, video.label_visual, video.label_audio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "clips"
    root.mkdir()
    (root / "a.mp4").write_bytes(b"x")
    (root / "b.wav").write_bytes(b"x")
    return root


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("", (UNKNOWN, UNKNOWN, UNKNOWN)),
        ("real", (REAL, REAL, REAL)),
        ("fake", (FAKE, UNKNOWN, UNKNOWN)),
    ],
)
def test_a_folder_without_labels_gets_the_given_one(
    folder: Path, label: str, wanted: tuple[int, int, int]
) -> None:
    videos = list_videos([folder], label=label).videos
    assert [labels_of(video) for video in videos] == [wanted, wanted]


@pytest.mark.parametrize(
    "known",
    [
        {"label": FAKE},
        {"label": REAL},
        {"label": UNKNOWN, "label_visual": REAL},
        {"label": UNKNOWN, "label_audio": REAL},
    ],
)
def test_what_the_source_says_stays(known: dict[str, int]) -> None:
    video = replace(VideoInfo(id="a", path="a"), **known)  # type: ignore[arg-type]
    assert list(labelled([video], "real")) == [video]


def test_the_command_takes_real_and_fake_alone(folder: Path, tmp_path: Path) -> None:
    code, output = call("prep", folder, "--out", tmp_path / "out", "--label", "good")
    assert code == 2
    assert "real or fake" in output
