"""Frames and sound as media files, read back by ffmpeg."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import correlate

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.errors import AvdfError
from avdf.pipeline.media.encode import encode_clip, encoded_suffix
from avdf.pipeline.media.ffmpeg import find_tool

ROWS, HEIGHT, WIDTH = 30, 64, 96


def moving_square() -> npt.NDArray[np.uint8]:
    frames = np.full((ROWS, HEIGHT, WIDTH, 3), 40, np.uint8)
    for row in range(ROWS):
        frames[row, 20:40, 2 * row : 2 * row + 20] = (200, 120, 60)
    return frames


def sweep() -> npt.NDArray[np.int16]:
    """A tone that rises from 200 to 3,000 Hz: no moment is like another."""
    time = np.arange(ROWS * SAMPLES_PER_FRAME) / 16000
    rate = 2800 / time[-1]
    phase = 2 * np.pi * (200 * time + rate * time**2 / 2)
    wave: npt.NDArray[np.int16] = np.round(9000 * np.sin(phase)).astype(np.int16)
    return wave


def decoded(path: Path, *arguments: str) -> bytes:
    command = [find_tool("ffmpeg").path, "-v", "error", "-i", str(path), *arguments]
    return subprocess.run([*command, "-"], capture_output=True, check=True).stdout


def frames_of(path: Path) -> npt.NDArray[np.uint8]:
    raw = decoded(path, "-f", "rawvideo", "-pix_fmt", "rgb24")
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)


def sound_of(path: Path) -> npt.NDArray[np.int16]:
    return np.frombuffer(decoded(path, "-vn", "-f", "s16le"), np.int16)


def test_every_frame_comes_back_nearly_as_it_was(tmp_path: Path) -> None:
    encode_clip(tmp_path / "a.mp4", moving_square(), sweep())
    found = frames_of(tmp_path / "a.mp4")
    assert found.shape == moving_square().shape
    error = np.abs(found.astype(int) - moving_square())
    # Halved colour resolution blurs the edges of the square, and nothing else.
    assert error.mean() < 2


def test_sound_stays_beside_its_picture(tmp_path: Path) -> None:
    encode_clip(tmp_path / "a.mp4", moving_square(), sweep())
    found = sound_of(tmp_path / "a.mp4").astype(float)
    lag = correlate(found, sweep().astype(float)).argmax() - len(sweep()) + 1
    assert abs(lag) <= 16  # samples: 1 ms


def test_sound_alone_comes_back_exactly(tmp_path: Path) -> None:
    encode_clip(tmp_path / "a.flac", None, sweep())
    assert np.array_equal(sound_of(tmp_path / "a.flac"), sweep())
    assert encoded_suffix(has_picture=False) == ".flac"


def test_a_silent_clip_has_no_sound_stream(tmp_path: Path) -> None:
    encode_clip(tmp_path / "a.mp4", moving_square(), None)
    assert len(frames_of(tmp_path / "a.mp4")) == ROWS
    with pytest.raises(subprocess.CalledProcessError):
        sound_of(tmp_path / "a.mp4")


def test_the_same_clip_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        encode_clip(tmp_path / name, moving_square(), sweep())
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_neither_frames_nor_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without frames and without sound"):
        encode_clip(tmp_path / "a.mp4", None, None)


def test_what_ffmpeg_cannot_write_is_said(tmp_path: Path) -> None:
    with pytest.raises(AvdfError, match="ffmpeg cannot write the clip"):
        encode_clip(tmp_path / "missing" / "a.mp4", moving_square(), None)
