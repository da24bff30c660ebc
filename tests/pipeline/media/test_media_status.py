"""Files that are whole and cannot be used: the status says so, and does not call them damaged."""

import subprocess
import wave
from pathlib import Path

from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings

FFMPEG = ("-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=1")


def attempt(path: Path, detector: FaceDetector) -> tuple[str, str]:
    found = attempt_video(VideoInfo(id="a", path=str(path)), PrepSettings(), detector)
    assert isinstance(found, Unprepared)
    return found.status, found.reason


def test_streams_that_never_run_together(tmp_path: Path, detector: FaceDetector) -> None:
    path = tmp_path / "apart.mp4"
    late = ("-itsoffset", "10", "-f", "lavfi", "-i", "sine=duration=1")
    subprocess.run([find_tool("ffmpeg").path, *FFMPEG, *late, str(path)], check=True)
    status, reason = attempt(path, detector)
    assert status == "too_short" and "at which both streams run" in reason, (status, reason)


def test_sound_of_32_channels(tmp_path: Path, detector: FaceDetector) -> None:
    with wave.open(str(tmp_path / "many.wav"), "wb") as file:
        file.setnchannels(32)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(range(64)) * 16_000)
    path = tmp_path / "many.mkv"
    sound = ("-i", str(tmp_path / "many.wav"), "-c:a", "copy")
    subprocess.run([find_tool("ffmpeg").path, *FFMPEG, *sound, str(path)], check=True)
    status, reason = attempt(path, detector)
    assert status == "unsupported" and "32 channels" in reason, (status, reason)
