"""Inputs that are no media files are refused before ffmpeg sees them."""

import os
from pathlib import Path

import pytest

from avdf.cache.core.errors import MediaError
from avdf.pipeline.media.input_file import check_input_file


def status_of(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        check_input_file(path)
    return caught.value.status


def test_a_file_with_content_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42")
    check_input_file(path)


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert status_of(tmp_path / "a.mp4") == "missing"


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert status_of(tmp_path) == "unreadable"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert status_of(tmp_path / "pipe.mp4") == "unreadable"


def test_a_name_that_the_system_refuses_is_unreadable(tmp_path: Path) -> None:
    assert status_of(tmp_path / ("x" * 300)) == "unreadable"


def test_an_empty_file_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.touch()
    assert status_of(path) == "corrupt"


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n",
        "\ufeff  #extm3u",
        "ffconcat version 1.0",
        "\n<?XML version",
        "[Playlist]",
        "v=0\r",
    ],
)
def test_playlists_are_refused_whatever_their_names(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(text.encode())
    assert status_of(path) == "unsupported"
