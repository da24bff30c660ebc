"""What a clip goes through on its way over platforms: smaller, encoded again, twice."""

from dataclasses import replace

import cv2
import numpy as np

from avdf.cache.stream.clips import TrackClip
from avdf.pipeline.perturbations.audio_effects import lossy
from avdf.pipeline.perturbations.frame_effects import RgbFrames, h264

# At each level, the constant rate factor of the picture (the value of the level), the side of the
# picture, and the rate of the sound.
RATE_FACTORS = (23, 26, 29, 32, 35)
_SIDES = dict(zip(RATE_FACTORS, (0.9, 0.75, 0.6, 0.5, 0.4), strict=True))
_KILOBITS = dict(zip(RATE_FACTORS, (64, 56, 48, 32, 24), strict=True))
# The first platform encodes as AAC, the second one as Opus.
_CODECS = (lossy("aac", ".m4a"), lossy("libopus", ".ogg"))


def pass_on(
    clip: TrackClip,
    rate_factor: float,
    generator: np.random.Generator,
) -> TrackClip:
    """The clip after it was uploaded to one platform, and from there to another one.

    Each of them encodes the picture as H.264. The first one makes it smaller before that.

    Args:
        rate_factor: one of RATE_FACTORS; it stands for side and rate of the sound too.
    """
    level = int(rate_factor)
    frames, pcm = clip.frames, clip.pcm
    if clip.has_picture:
        frames = _smaller(frames, _SIDES[level])
    for codec in _CODECS:
        if clip.has_picture:
            frames = h264(frames, level, generator)
        pcm = codec(pcm, _KILOBITS[level], generator)
    if clip.has_picture:
        frames = _of_side(frames, clip.frames.shape[1])
    return replace(clip, frames=frames, pcm=pcm)


def _smaller(frames: RgbFrames, factor: float) -> RgbFrames:
    """Frames with a shorter side, which is even as H.264 asks for."""
    side = 2 * round(frames.shape[1] * factor / 2)
    return _of_side(frames, side)


def _of_side(frames: RgbFrames, side: int) -> RgbFrames:
    """Square frames (n, S, S, 3) at another size."""
    shrinks = side < frames.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = [
        cv2.resize(frame, (side, side), interpolation=method) for frame in frames
    ]
    return np.stack(resized).astype(np.uint8, copy=False)
