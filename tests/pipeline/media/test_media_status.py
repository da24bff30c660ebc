"""Files that are whole and cannot be used: the status says so, and does not call them damaged."""

import wave
from pathlib import Path

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings
from tests.helpers.lavfi import file_input, generated, make

VIDEO = generated("testsrc2=size=160x120:rate=25:duration=1")


def attempt(path: Path, detector: FaceDetector) -> Unprepared:
    found = attempt_video(VideoInfo(id="a", path=str(path)), PrepSettings(), detector)
    assert isinstance(found, Unprepared)
    return found


def test_streams_that_never_run_together_are_too_short(
    tmp_path: Path,
    detector: FaceDetector,
) -> None:
    late = generated("sine=duration=1", delay=10)
    found = attempt(make(tmp_path / "apart.mp4", VIDEO, late), detector)
    assert found.status == "too_short"
    assert "at which both streams run" in found.reason


def test_audio_of_32_channels_is_unsupported(
    tmp_path: Path,
    detector: FaceDetector,
) -> None:
    many = tmp_path / "many.wav"
    with wave.open(str(many), "wb") as file:
        file.setnchannels(32)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(range(64)) * 16_000)
    path = make(tmp_path / "many.mkv", VIDEO, file_input(many), options="-c:a copy")
    found = attempt(path, detector)
    assert found.status == "unsupported"
    assert "32 channels" in found.reason


@pytest.mark.parametrize("size", ["1920x192", "34x288", "32x24"])
def test_a_narrow_video_has_no_face(
    size: str,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    video, tone = (
        generated(f"color=c=gray:s={size}:r=25:d=0.8"),
        generated("sine=d=0.8"),
    )
    path = make(tmp_path / "narrow.mkv", video, tone, options="-c:v mpeg4 -c:a aac")
    assert attempt(path, detector).status == "no_face"
