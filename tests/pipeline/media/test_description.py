"""A media file is described in words; what cannot be read is not described."""

import subprocess
from pathlib import Path

import pytest

from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.media.audio_choice import choose_audio
from avdf.pipeline.media.description import describe_file
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.settings import Limits
from tests.helpers.media import ffmpeg


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> FileFacts:
    """The description of a file with two audio streams, the first of them silent."""
    path = tmp_path_factory.mktemp("described") / "two.mkv"
    video = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=1")
    silence = ("-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo:d=1")
    tone = ("-f", "lavfi", "-i", "sine=r=16000:d=1")
    streams = ("-map", "0", "-map", "1", "-map", "2", "-metadata:s:a:1", "language=deu")
    ffmpeg(
        *video, *silence, *tone, *streams, "-c:v", "mpeg4", "-c:a", "flac", str(path)
    )
    facts = describe_file(VideoInfo(id="two", path=str(path)), Limits())
    assert facts is not None
    return facts


def test_the_container_and_the_length_are_the_files(described: FileFacts) -> None:
    assert "matroska" in described.container
    assert described.duration == pytest.approx(1.0, abs=0.1)
    assert len(described.sha256) == 64


def test_the_video_stream_is_described(described: FileFacts) -> None:
    assert "mpeg4, 96 x 64 pixels, stream 0" in vars(described).values()


def test_the_audio_stream_in_use_is_described(described: FileFacts) -> None:
    words = "flac, 1 channels at 16000 Hz, deu, stream 2, one of 2 audio streams"
    assert words in vars(described).values()


def test_a_file_that_cannot_be_read_has_no_description(tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"nothing that is a video")
    assert describe_file(VideoInfo(id="broken", path=str(path)), Limits()) is None


def test_where_all_audio_is_silent_the_first_stream_is_used(tmp_path: Path) -> None:
    path = tmp_path / "silent.mkv"
    silence = ("-f", "lavfi", "-i", "anullsrc=d=0.2")
    ffmpeg(*silence, *silence, "-map", "0", "-map", "1", "-c:a", "flac", str(path))
    streams = [{"index": 0}, {"index": 1}]
    choice = choose_audio(path, find_tool("ffmpeg").path, streams, Limits())
    assert (choice.stream, choice.note) == (streams[0], "")


def test_where_no_stream_is_decoded_in_time_the_first_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr("avdf.pipeline.media.audio_trial.subprocess.run", run)
    streams = [{"index": 0}, {"index": 1}]
    choice = choose_audio(Path("any.mkv"), "ffmpeg", streams, Limits())
    assert (choice.stream, choice.note) == (streams[0], "")


def test_a_stream_that_is_not_decoded_in_time_is_not_called_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first minute of stream 0 takes too long; stream 1 has a signal."""

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        if "0:0" in command:
            raise subprocess.TimeoutExpired(command, 1)
        return subprocess.CompletedProcess(command, 0, b"\x00\x40" * 800, b"")

    monkeypatch.setattr("avdf.pipeline.media.audio_trial.subprocess.run", run)
    streams = [{"index": 0}, {"index": 1}]
    choice = choose_audio(Path("any.mkv"), "ffmpeg", streams, Limits())
    assert choice.stream == streams[1]
    assert choice.note == "audio is stream 1: stream 0 was not decoded in time"
