"""Scenes of synthetic speakers, as frames or as a file: what a camera may show of faces."""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.io import wavfile

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.speaker import random_speaker

Frames = npt.NDArray[np.uint8]  # (n, height, width, 3) RGB

_BT601 = (
    np.array(
        [
            [65.481, 128.553, 24.966],
            [-37.797, -74.203, 112.0],
            [112.0, -93.786, -18.214],
        ]
    )
    / 255
)


@cache
def speaker(seed: int, rows: int = 100) -> Frames:
    """A synthetic person who talks for `rows` frames of 256 x 256."""
    person = random_speaker(
        np.random.default_rng([3, seed]), "women" if seed % 2 else "men"
    )
    clip = generate_clip(
        person, (rows + 2) / FRAME_RATE, np.random.default_rng([4, seed])
    )
    frames = clip.frames[:rows]
    frames.flags.writeable = False  # shared by every test that asks for this person
    return frames


def pictures(frames: Frames) -> Iterator[DecodedFrame]:
    """The frames as the decoder would give them: limited range BT.601, full chroma resolution."""
    for row, frame in enumerate(frames):
        offset = np.array([16, 128, 128], np.float32)
        planes = frame.astype(np.float32) @ _BT601.T.astype(np.float32) + offset
        luma, blue, red = (
            np.clip(np.round(planes), 0, 255).astype(np.uint8).transpose(2, 0, 1)
        )
        yield DecodedFrame(row, (luma.copy(), blue.copy(), red.copy()), Colour())


def write_scene(path: Path, frames: Frames) -> Path:
    """The frames as an MP4 file with a soft noise as its audio."""
    samples = len(frames) * SAMPLE_RATE // FRAME_RATE
    noise = np.random.default_rng(0).normal(scale=500, size=samples).astype(np.int16)
    wave = path.with_suffix(".wav")
    wavfile.write(wave, SAMPLE_RATE, noise)
    height, width = frames.shape[1:3]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    sources = [*raw, "-framerate", str(FRAME_RATE), "-i", "pipe:0", "-i", str(wave)]
    video = [
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "16",
    ]
    command = [
        find_tool("ffmpeg").path,
        "-v",
        "error",
        "-y",
        *sources,
        *video,
        "-c:a",
        "aac",
    ]
    subprocess.run([*command, str(path)], input=frames.tobytes(), check=True)
    wave.unlink()
    return path
