"""`avdf.describe_file` and `avdf info FILE`: what a media file says of itself."""

from pathlib import Path

import pytest

import avdf
from tests.helpers.command import call


def test_a_file_is_described(clip: Path) -> None:
    found = avdf.describe_file(clip)
    assert found.statement.streams[0].kind == "video"
    assert repr(found).startswith(f"{clip}: mov,mp4")
    assert "Content Credentials:" in str(found)
    assert found.as_dict()["size"] == clip.stat().st_size


def test_the_command_takes_a_file_too(clip: Path) -> None:
    code, text = call("info", clip)
    assert code == 0 and "time stamps of stream 0:" in text


def test_a_contact_sheet_of_a_file_is_refused(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(avdf.SettingsError, match="shows the crops of shards"):
        avdf.describe(clip, tmp_path / "sheet.png")


def test_what_is_no_media_file_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("no media")
    with pytest.raises(avdf.SourceError, match="name a media file"):
        avdf.describe_file(text)
    assert call("info", text)[0] == 2
