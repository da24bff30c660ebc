"""The page gives the verdicts of the command line, and reasons where there are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.lavfi import file_input, make
from tests.helpers.page_server import Client

# These tests and those of `test_browser.py` share a server that holds a detector.
pytestmark = pytest.mark.xdist_group("page")


def score(client: Client, name: str, content: bytes) -> str:
    """The result of a file as the page shows it."""
    number = client.upload(name, content).json["number"]
    client.wait_for(number, "done")
    return client.get(f"/jobs/{number}/result").text


def test_the_verdict_is_that_of_the_command_line(
    scoring: Client, scored: Path, clip: Path, command_row: dict[str, Any]
) -> None:
    page = score(scoring, clip.name, clip.read_bytes())
    number = scoring.get("/jobs").json[-1]["number"]
    stored = (scored / f"{number:04d}" / "result.json").read_text()
    row = json.loads(stored)["result"]["videos"][0]
    own = ("id", "path")
    assert {key: row[key] for key in row if key not in own} == {
        key: command_row[key] for key in command_row if key not in own
    }
    assert f"<h2>{command_row['verdict'].capitalize()}</h2>" in page
    for name in ("video", "visual", "audio"):
        assert f"{command_row[f'p_{name}']:.3f}" in page
    # Where it is stored is nobody's concern.
    assert row["path"] == clip.name
    assert "/tmp" not in page


def test_the_page_says_what_a_verdict_rests_on(scoring: Client, clip: Path) -> None:
    page = score(scoring, clip.name, clip.read_bytes())
    assert "9 recorded videos of manifest; weights clip demo (demo)" in page
    assert "small encoders of the demo" in page
    assert "A score is evidence, not proof" in page
    assert "Picture and sound together: this run has not learned it" in page
    assert "no likelihood ratio: it takes 5 fake and 5 real validation videos" in page


def test_pictures_and_timelines_are_there(scoring: Client, clip: Path) -> None:
    number = scoring.upload(clip.name, clip.read_bytes()).json["number"]
    scoring.wait_for(number, "done")
    (timeline,) = scoring.get(f"/jobs/{number}/timelines").json
    assert len(timeline["p_video"]) == 40
    for path in ("mel", "faces/0/crops/0", "faces/0/crops/9"):
        answer = scoring.get(f"/jobs/{number}/{path}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.body.startswith(b"\xff\xd8")
    assert scoring.get(f"/jobs/{number}/faces/0/crops/10").status == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"no video at all"),
        ("page.html", b"<html><script>alert(1)</script></html>"),
        ("cut.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile /etc/hostname\n"),
        ("empty.mp4", b""),
    ],
)
def test_what_is_no_video_gets_a_reason(
    scoring: Client, name: str, content: bytes
) -> None:
    page = score(scoring, name, content)
    assert "<h2>No verdict</h2>" in page
    assert "Traceback" not in page and "/tmp" not in page
    assert "root:" not in page


def test_a_table_of_videos_is_no_way_to_files_of_this_machine(
    scoring: Client, clip: Path
) -> None:
    # On the command line it would be a manifest, and the video it names would be scored.
    page = score(scoring, "videos.csv", f"path\n{clip}\n".encode())
    assert "<h2>No verdict</h2>" in page


def test_sound_alone_is_judged_and_has_a_timeline(
    scoring: Client, clip: Path, tmp_path: Path
) -> None:
    sound = make(tmp_path / "sound.m4a", file_input(clip), options="-vn -c:a copy")
    page = score(scoring, sound.name, sound.read_bytes())
    assert "<h2>Sound: " in page
    assert "Picture alone: no video stream" in page
    assert 'data-name="p_audio"' in page and 'data-name="p_visual"' not in page
    assert 'class="crops' not in page
