"""Write a synthetic clip as a video file."""

import subprocess
import tempfile
from pathlib import Path

import ffmpeg
import numpy as np
from scipy.io import wavfile

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.synthetic.canvas import SIZE
from avdf.pipeline.synthetic.clip import SyntheticClip

_VIDEO = {
    "vcodec": "libx264",
    "preset": "veryfast",
    "crf": 17,
    "pix_fmt": "yuv420p",
    "threads": 1,
}
_AUDIO = {"acodec": "aac", "audio_bitrate": "96k"}


def write_clip(path: Path, clip: SyntheticClip) -> None:
    """Write an MP4 file (H.264 and AAC), like those of the datasets that it stands for.

    The same clip gives the same bytes with the same ffmpeg.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(suffix=".wav") as wave:
        samples = np.clip(clip.audio, -1, 1) * 32767
        wavfile.write(
            wave.name,
            SAMPLE_RATE,
            samples.astype(np.int16),
        )
        frames = ffmpeg.input(
            "pipe:0",
            format="rawvideo",
            pix_fmt="rgb24",
            video_size=(SIZE, SIZE),
            framerate=FRAME_RATE,
        )
        audio = ffmpeg.input(wave.name)
        output = ffmpeg.output(
            frames,
            audio,
            str(path),
            **_VIDEO,
            **_AUDIO,
            fflags="+bitexact",
        )
        # One thread everywhere: the bytes must not depend on the number of cores.
        output = output.global_args(
            "-v",
            "error",
            "-y",
            "-filter_threads",
            "1",
        )
        command = output.compile(cmd=find_tool("ffmpeg").path)
        subprocess.run(
            command,
            input=clip.frames.tobytes(),
            check=True,
        )
