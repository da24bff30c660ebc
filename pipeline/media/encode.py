"""Frames and sound as a media file: H.264 and AAC in MP4, sound alone as FLAC."""

import tempfile
from pathlib import Path
from typing import Any

import ffmpeg
from scipy.io import wavfile

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE
from avdf.cache.core.errors import AvdfError
from avdf.pipeline.media.run_ffmpeg import run_ffmpeg

# Little is lost: what is forged has to be in the forgery, not in the encoder.
_VIDEO = {"vcodec": "libx264", "preset": "medium", "crf": 12, "pix_fmt": "yuv420p"}
_AUDIO = {"acodec": "aac", "audio_bitrate": "96k"}


def encoded_suffix(has_picture: bool) -> str:
    """The suffix of the file that `encode_clip` writes."""
    return ".mp4" if has_picture else ".flac"


def encode_clip(path: Path, frames: UInt8Array | None, pcm: Pcm | None) -> None:
    """Write a media file of 25 frames per second and sound of 16 kHz.

    The same frames and samples give the same bytes with the same ffmpeg.

    Args:
        path: with any suffix; the container follows from what there is.
        frames: (n, h, w, 3) uint8 RGB with even sides; None: sound alone.
        pcm: (640 n,) int16; None: no sound.

    Raises:
        ValueError: there is neither.
        AvdfError: ffmpeg cannot write it.
    """
    if frames is None and pcm is None:
        raise ValueError("a clip without frames and without sound")
    with tempfile.NamedTemporaryFile(suffix=".wav") as wave:
        inputs, options = (
            [],
            dict[str, Any](format="mp4" if frames is not None else "flac"),
        )
        if frames is not None:
            inputs.append(_raw_frames(frames))
            options |= _VIDEO
        if pcm is not None:
            _write_wave(wave.name, pcm)
            inputs.append(ffmpeg.input(wave.name))
            options |= _AUDIO if frames is not None else {"acodec": "flac"}
        # One thread: the bytes must not depend on the number of cores.
        output = ffmpeg.output(
            *inputs, str(path), **options, threads=1, fflags="+bitexact"
        ).global_args("-filter_threads", "1")
        data = frames.tobytes() if frames is not None else b""
        run_ffmpeg(output, "write the clip", data)


def _write_wave(name: str, pcm: Pcm) -> None:
    try:
        wavfile.write(name, SAMPLE_RATE, pcm)
    except OSError as error:
        raise AvdfError(f"the sound of the clip cannot be written ({error})") from None


def _raw_frames(frames: UInt8Array) -> Any:
    height, width = frames.shape[1:3]
    return ffmpeg.input(
        "pipe:0",
        format="rawvideo",
        pix_fmt="rgb24",
        video_size=(width, height),
        framerate=FRAME_RATE,
    )
