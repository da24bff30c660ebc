"""Perturbations of the frames of a clip: video codec, JPEG, blur, noise, size, brightness."""

import tempfile
from collections.abc import Callable
from dataclasses import replace

import cv2
import ffmpeg
import numpy as np
import numpy.typing as npt
import simplejpeg

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.errors import AvdfError
from avdf.cache.shards.codec import Image
from avdf.cache.stream.clips import TrackClip
from avdf.pipeline.media.run_ffmpeg import run_ffmpeg
from avdf.pipeline.perturbations.perturbation import Change

RgbFrames = npt.NDArray[np.uint8]  # (n, S, S, 3)
FramesEffect = Callable[[RgbFrames, float, np.random.Generator], RgbFrames]
FrameEffect = Callable[[Image, float], Image]


def on_frames(effect: FramesEffect) -> Change:
    """A change of a clip from an effect on all of its frames."""

    def change(
        clip: TrackClip,
        value: float,
        generator: np.random.Generator,
    ) -> TrackClip:
        # Sound alone has nothing to change.
        if not clip.has_picture:
            return clip
        changed = effect(clip.frames, value, generator)
        return replace(clip, frames=changed)

    return change


def on_each_frame(effect: FrameEffect) -> Change:
    """A change of a clip from an effect on one frame, without random numbers."""

    def change(
        clip: TrackClip,
        value: float,
        _: np.random.Generator,
    ) -> TrackClip:
        if not clip.has_picture:
            return clip
        changed = [effect(frame, value) for frame in clip.frames]
        return replace(clip, frames=np.stack(changed))

    return change


def h264(
    frames: RgbFrames,
    crf: float,
    _: np.random.Generator,
) -> RgbFrames:
    """The frames encoded as H.264 at a constant rate factor, and decoded again."""
    count, height, width = frames.shape[:3]
    raw = {"format": "rawvideo", "pix_fmt": "rgb24"}
    encoder = {
        "vcodec": "libx264",
        "crf": int(crf),
        "preset": "veryfast",
        "threads": 2,
    }
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        source = ffmpeg.input(
            "pipe:0",
            video_size=(width, height),
            framerate=FRAME_RATE,
            **raw,
        )
        encoded = ffmpeg.output(
            source,
            file.name,
            pix_fmt="yuv420p",
            **encoder,
        )
        run_ffmpeg(encoded, "apply the perturbation", frames.tobytes())
        decoded = ffmpeg.output(
            ffmpeg.input(file.name),
            "pipe:1",
            fps_mode="passthrough",
            **raw,
        )
        data = run_ffmpeg(decoded, "apply the perturbation")
    if len(data) != frames.nbytes:
        raise AvdfError(
            f"ffmpeg returned {len(data)} bytes for {count} frames; "
            "set AVDF_FFMPEG to another ffmpeg"
        )
    return np.frombuffer(data, np.uint8).reshape(frames.shape)


def noise(
    frames: RgbFrames,
    deviation: float,
    generator: np.random.Generator,
) -> RgbFrames:
    """The frames with Gaussian noise of that standard deviation, in levels of 255."""
    noisy = np.empty_like(frames)
    # One frame at a time: the noise of a whole clip would take 600 MB.
    for index, frame in enumerate(frames):
        standard = generator.standard_normal(frame.shape, np.float32)
        grain = standard * np.float32(deviation)
        noisy[index] = np.clip(frame + grain, 0, 255)
    return noisy


def jpeg(frame: Image, quality: float) -> Image:
    """The frame encoded as JPEG, and decoded again."""
    contiguous = np.ascontiguousarray(frame)
    data = simplejpeg.encode_jpeg(
        contiguous,
        quality=int(quality),
        colorsubsampling="420",
    )
    return np.asarray(simplejpeg.decode_jpeg(data), np.uint8)


def blur(frame: Image, deviation: float) -> Image:
    """The frame through a Gaussian filter of that standard deviation, in pixels."""
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), deviation), np.uint8)


def brighten(frame: Image, factor: float) -> Image:
    """The frame with all values multiplied."""
    return np.asarray(cv2.convertScaleAbs(frame, alpha=factor), np.uint8)


def resize(frame: Image, factor: float) -> Image:
    """The frame made smaller by a factor, and as large as before again."""
    side = frame.shape[0]
    small = cv2.resize(
        frame,
        None,
        fx=factor,
        fy=factor,
        interpolation=cv2.INTER_AREA,
    )
    restored = cv2.resize(
        small,
        (side, side),
        interpolation=cv2.INTER_LINEAR,
    )
    return np.asarray(restored, np.uint8)
