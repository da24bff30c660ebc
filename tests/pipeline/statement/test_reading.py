"""The whole statement of a file, of real and awkward files too."""

import re
from pathlib import Path

import pytest

from avdf.cache.core.errors import MediaError
from avdf.pipeline.settings import Limits
from avdf.pipeline.statement.reading import read_statement
from avdf.pipeline.statement.statement_words import statement_words
from tests.helpers.lavfi import file_input, generated, make


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip whose sound begins 0.6 s after its frames, with tags of a device."""
    folder = tmp_path_factory.mktemp("clip")
    video = generated("testsrc=size=64x64:rate=25:duration=2")
    sound = generated("sine=d=1", delay=0.6)
    tags = "-metadata creation_time=2024-05-06T07:08:09Z -metadata artist='<b>x'"
    options = f"-c:v libx264 -preset ultrafast -c:a aac {tags}"
    return make(folder / "a.mp4", video, sound, options=options)


def test_a_clip_says_what_is_in_it(clip: Path) -> None:
    found = read_statement(clip, Limits())
    assert found.tags["creation_time"].startswith("2024-05-06T07:08:09")
    assert [stream.kind for stream in found.streams] == ["video", "audio"]
    assert found.streams[0].frames == 50
    assert found.streams[0].codec.startswith("h264")
    assert found.encoder.startswith("x264 - core")
    assert found.repeated is not None and found.repeated.examined == 50
    assert found.times[0].packets == 50
    (begins, ends) = found.notes
    # The encoder of the sound begins a few hundredths of a second before it.
    assert re.fullmatch(r"the sound begins 0\.(5|6)\d s after the frames", begins)
    assert ends.startswith("the sound ends 0.") and ends.endswith("s before the frames")
    document = found.as_dict()
    assert document["streams"][1]["kind"] == "audio"


def test_the_words_have_every_part(clip: Path) -> None:
    words = statement_words(read_statement(clip, Limits()))
    assert "artist: <b>x" in words["tags of the file"]
    assert words["time stamps of stream 0"][0].startswith("50 time stamps, usually")
    assert words["frames that repeat exactly"][0].startswith("all 50 frames compared")
    assert words["edit list of track 2"][0].startswith("shows nothing for 0.")
    assert list(words)[-1] == "noticed"


def test_sound_alone_has_a_statement(clip: Path, tmp_path: Path) -> None:
    path = make(tmp_path / "a.m4a", file_input(clip), options="-vn -c copy")
    found = read_statement(path, Limits())
    assert found.repeated is None and found.encoder == ""
    assert [stream.kind for stream in found.streams] == ["audio"]
    assert statement_words(found)["stream 0, audio"]


def test_what_is_no_media_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no media file")
    with pytest.raises(MediaError) as error:
        read_statement(path, Limits())
    assert error.value.status == "corrupt"


def test_every_awkward_file_has_a_statement_or_a_reason(media: Path) -> None:
    # Chosen for what they hold: small, so that decoding them is quick.
    names = (
        "vp9_odd_size_161x121.webm",
        "vfr_noaudio.mp4",
        "mpeg4_mp3.avi",
        "audio_only_cover.flac",
        "dolbyvision_hevc_0.1s.MOV",
        "truncated_2000B.mp4",
        "truncated_44B.mp4",
        "broken_vp9_bitstream.webm",
    )
    for name in names:
        try:
            found = read_statement(media / "odd" / name, Limits())
        except MediaError as error:
            assert error.status in ("corrupt", "unsupported"), name
            continue
        assert statement_words(found)["container"], name
        assert found.streams, name
