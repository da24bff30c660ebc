"""What happens to a video on its way through the world: eleven perturbations in five levels.

They act on what is scored: crops of 224 px at 25 fps and sound at 16 kHz, so that the same faces are compared at each
level. A codec therefore sees the crop, not the whole picture.
"""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import ffmpeg
import numpy as np
import numpy.typing as npt
import simplejpeg
from scipy.signal import fftconvolve

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE, SAMPLES_PER_FRAME
from avdf.cache.core.errors import AvdfError, SettingsError
from avdf.cache.stream.clips import TrackClip
from avdf.pipeline.media.ffmpeg import find_tool

Frames = npt.NDArray[np.uint8]  # (n, S, S, 3) RGB
Sound = npt.NDArray[np.int16]
Change = Callable[[TrackClip, float, np.random.Generator], TrackClip]
LEVELS = 5
_MOST_SECONDS = 300  # of one ffmpeg


@dataclass(frozen=True)
class Perturbation:
    """A kind of damage: its five values from mild to severe, and what it does to a clip."""

    name: str
    title: str
    unit: str
    values: tuple[float, ...]
    change: Change

    def __post_init__(self) -> None:
        if len(self.values) != LEVELS:
            raise ValueError(f"{self.name} has {len(self.values)} levels, not {LEVELS}")


@dataclass(frozen=True)
class Perturbed:
    """One perturbation at one level, ready to be applied. The same clip gets the same damage each time."""

    kind: Perturbation
    level: int  # 1 to 5

    @property
    def name(self) -> str:
        return f"{self.kind.name}:{self.level}"

    @property
    def value(self) -> float:
        return float(self.kind.values[self.level - 1])

    def __call__(self, clip: TrackClip) -> TrackClip:
        generator = np.random.default_rng([self.level, clip.video, round(clip.start * FRAME_RATE)])
        return self.kind.change(clip, self.value, generator)


def parse_perturbations(words: Sequence[str]) -> tuple[Perturbed, ...]:
    """`NAME` (all five levels), `NAME:LEVEL`, or `all`, in their order, each once.

    Raises:
        SettingsError: an unknown name or level.
    """
    found: dict[str, Perturbed] = {}
    for word in words:
        name, colon, level = word.partition(":")
        names = list(PERTURBATIONS) if name == "all" else [name]
        if names[0] not in PERTURBATIONS:
            raise SettingsError(
                f"--perturb {word}: use all, {', '.join(PERTURBATIONS)}, each with :1 to :{LEVELS} or all five"
            )
        if colon and level not in map(str, range(1, LEVELS + 1)):
            raise SettingsError(f"--perturb {word}: the level is one of 1 to {LEVELS}")
        levels = [int(level)] if colon else range(1, LEVELS + 1)
        for one in (Perturbed(PERTURBATIONS[own], at) for own in names for at in levels):
            found.setdefault(one.name, one)
    return tuple(found.values())


def _pictures(change: Callable[[Frames, float, np.random.Generator], Frames]) -> Change:
    return lambda clip, value, generator: replace(
        clip, frames=change(clip.frames, value, generator)
    )


def _sounds(change: Callable[[Sound, float, np.random.Generator], Sound]) -> Change:
    return lambda clip, value, generator: replace(clip, pcm=change(clip.pcm, value, generator))


def _each(change: Callable[[npt.NDArray[np.uint8], float], object]) -> Change:
    return _pictures(
        lambda frames, value, _: np.stack(
            [np.asarray(change(frame, value), np.uint8) for frame in frames]
        )
    )


def _jpeg(frame: npt.NDArray[np.uint8], quality: float) -> object:
    data = simplejpeg.encode_jpeg(
        np.ascontiguousarray(frame), quality=int(quality), colorsubsampling="420"
    )
    return simplejpeg.decode_jpeg(data)


def _blur(frame: npt.NDArray[np.uint8], deviation: float) -> object:
    return cv2.GaussianBlur(frame, (0, 0), deviation)


def _brighter(frame: npt.NDArray[np.uint8], factor: float) -> object:
    return cv2.convertScaleAbs(frame, alpha=factor)


def _resize(frame: npt.NDArray[np.uint8], factor: float) -> object:
    side = frame.shape[0]
    small = cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)


def _noise(frames: Frames, deviation: float, generator: np.random.Generator) -> Frames:
    noisy = np.empty_like(frames)
    for index, frame in enumerate(
        frames
    ):  # one at a time: float noise for a whole clip would be 600 MB
        grain = generator.standard_normal(frame.shape, np.float32) * np.float32(deviation)
        noisy[index] = np.clip(frame + grain, 0, 255)
    return noisy


def _h264(frames: Frames, crf: float, _: np.random.Generator) -> Frames:
    count, height, width = frames.shape[:3]
    raw = {"format": "rawvideo", "pix_fmt": "rgb24"}
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        source = ffmpeg.input("pipe:0", video_size=(width, height), framerate=FRAME_RATE, **raw)
        _run(
            ffmpeg.output(source, file.name, vcodec="libx264", crf=int(crf), preset="veryfast", pix_fmt="yuv420p",
                          threads=2), frames.tobytes(),
        )  # fmt: skip
        data = _run(ffmpeg.output(ffmpeg.input(file.name), "pipe:1", fps_mode="passthrough", **raw))
    if len(data) != frames.nbytes:
        raise AvdfError(
            f"ffmpeg gave {len(data)} bytes back for {count} frames; set AVDF_FFMPEG to another ffmpeg"
        )
    return np.frombuffer(data, np.uint8).reshape(frames.shape)


def _through(codec: str, suffix: str) -> Change:
    """Sound through a lossy codec at so many kbit/s, cut to its length."""

    def change(pcm: Sound, kilobits: float, _: np.random.Generator) -> Sound:
        raw = {"format": "s16le", "ac": 1, "ar": SAMPLE_RATE}
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            _run(
                ffmpeg.output(
                    ffmpeg.input("pipe:0", **raw),
                    file.name,
                    acodec=codec,
                    audio_bitrate=f"{kilobits:g}k",
                ),
                pcm.tobytes(),
            )
            data = np.frombuffer(
                _run(ffmpeg.output(ffmpeg.input(file.name), "pipe:1", **raw)), np.int16
            )
        found = np.pad(data[: len(pcm)], (0, max(0, len(pcm) - len(data))))
        return np.asarray(found, np.int16)

    return _sounds(change)


def _run(stream: Any, data: bytes = b"") -> bytes:
    command = ffmpeg.compile(
        ffmpeg.overwrite_output(stream.global_args("-v", "error")),
        cmd=find_tool("ffmpeg").path,
    )
    done = subprocess.run(
        command, input=data, capture_output=True, check=False, timeout=_MOST_SECONDS
    )
    if done.returncode:
        raise AvdfError(
            f"ffmpeg cannot do this ({done.stderr.decode(errors='replace').strip()[-200:]})"
        )
    return done.stdout


def _hiss(pcm: Sound, decibels: float, generator: np.random.Generator) -> Sound:
    power = float(np.mean(np.square(pcm.astype(np.float64))))
    noise = generator.normal(scale=np.sqrt(power / 10 ** (decibels / 10)), size=len(pcm))
    return np.asarray(np.clip(np.round(pcm + noise), -32768, 32767), np.int16)


def _reverb(pcm: Sound, seconds: float, generator: np.random.Generator) -> Sound:
    """Noise that decays by 60 dB in `seconds` after the direct sound, at the loudness of before."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = generator.normal(size=len(time)) * 10 ** (-3 * time / seconds)
    tail *= 1 / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    wet = fftconvolve(pcm.astype(np.float64), tail)[: len(pcm)]
    loud = np.sqrt(np.mean(np.square(pcm.astype(np.float64))) / max(np.mean(wet**2), 1e-9))
    return np.asarray(np.clip(np.round(wet * loud), -32768, 32767), np.int16)


def _shift(clip: TrackClip, frames: float, _: np.random.Generator) -> TrackClip:
    """The sound late by so many frames; what has no partner any more is cut off on both."""
    late = min(int(frames), len(clip.frames))
    kept = len(clip.frames) - late
    return replace(
        clip,
        start=clip.start + late / FRAME_RATE,
        frames=clip.frames[late:],
        pcm=clip.pcm[: kept * SAMPLES_PER_FRAME],
        last=True,
    )


_LIST = (
    Perturbation("h264", "H.264 again", "crf", (23, 28, 33, 38, 43), _pictures(_h264)),
    Perturbation("jpeg", "JPEG of each frame", "quality", (90, 70, 50, 30, 10), _each(_jpeg)),
    Perturbation("blur", "Gaussian blur", "px", (0.5, 1, 2, 3, 4), _each(_blur)),
    Perturbation("noise", "Gaussian noise", "of 255", (2, 5, 10, 20, 40), _pictures(_noise)),
    Perturbation("resize", "down and up again", "of the side", (0.75, 0.5, 0.35, 0.25, 0.15), _each(_resize)),
    Perturbation("brightness", "brighter", "times", (1.1, 1.25, 1.5, 1.75, 2), _each(_brighter)),
    Perturbation("mp3", "sound as MP3", "kbit/s", (64, 48, 32, 16, 8), _through("libmp3lame", ".mp3")),
    Perturbation("aac", "sound as AAC", "kbit/s", (64, 48, 32, 24, 16), _through("aac", ".m4a")),
    Perturbation("hiss", "white noise in the sound", "dB SNR", (30, 20, 15, 10, 5), _sounds(_hiss)),
    Perturbation("reverb", "reverberation", "s RT60", (0.1, 0.2, 0.4, 0.8, 1.6), _sounds(_reverb)),
    Perturbation("shift", "sound late", "frames", (1, 2, 4, 8, 12), _shift),
)  # fmt: skip
PERTURBATIONS = {kind.name: kind for kind in _LIST}
