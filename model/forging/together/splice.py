"""Single frames of picture and sound, replaced by similar ones from another instant."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.effect import LEAST_SHARE, is_heard, is_seen
from avdf.model.forging.footage import Footage
from avdf.model.forging.pieces import pieces
from avdf.model.forging.sound.splice_in import splice_in

_NEAREST = round(0.2 * FRAME_RATE)  # frames: 5
_FARTHEST = FRAME_RATE // 2  # frames: 12
_MOST_DIFFERENT = 10.0  # mean difference of two frames, of 255
_MOST_TRIALS = 64  # pairs of frames that are compared


def splice(footage: Footage, generator: np.random.Generator) -> Footage:
    """The footage with one frame, and its 40 ms of sound, copied from 0.2 to 0.5 s away.

    The two frames differ by 10 of 255 at most on average, so that the cut is not seen at once; the
    sound goes over within 2 ms at both ends. Of 64 random pairs of frames, the first is taken that
    is alike enough and of which the change can be seen and heard.

    Of footage that is longer than a window, one frame of each piece (`pieces`) is replaced: every
    window has one, as its label says.

    Raises:
        CannotForge: no pair of a piece that was looked at will do, or there are fewer than 6
            frames.
    """
    # What each piece draws depends on its number, and not on how many draws the one before needed.
    parts = pieces(len(footage.frames))
    generators = [generator] if len(parts) == 1 else generator.spawn(len(parts))
    frames, pcm = footage.frames.copy(), footage.pcm
    for (first, stop), own in zip(parts, generators, strict=True):
        target, source = _chosen_pair(footage, first, stop, own)
        frames[target] = footage.frames[source]
        # The copied sound stands where its frame now stands.
        moved = np.roll(footage.pcm, (target - source) * SAMPLES_PER_FRAME)
        samples = _samples(target)
        pcm = splice_in(pcm, moved, samples.start, samples.stop)
    return replace(footage, frames=frames, pcm=pcm)


def _chosen_pair(
    footage: Footage, first: int, stop: int, generator: np.random.Generator
) -> tuple[int, int]:
    """The frame of the piece that is replaced, and the one that replaces it."""
    pairs = _pairs(first, stop, len(footage.frames), generator)[:_MOST_TRIALS]
    for target, source in pairs.tolist():
        one, other = footage.frames[target], footage.frames[source]
        if _difference(one, other) <= _MOST_DIFFERENT and _is_noticed(
            one, other, footage.pcm[_samples(target)], footage.pcm[_samples(source)]
        ):
            return target, source
    where = ""
    if stop - first < len(footage.frames):
        where = f" around {first / FRAME_RATE:.1f} s"
    raise CannotForge(
        f"`splice` needs{where} two frames 0.2 to 0.5 s apart that differ, but by at most 10 of "
        "255, and with sound that differs"
    )


def _pairs(
    first: int, stop: int, frames: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """(k, 2) pairs of a target in [first, stop) and a source, 0.2 to 0.5 s apart, shuffled."""
    target = np.arange(first, stop).repeat(frames)
    source = np.tile(np.arange(frames), stop - first)
    apart = np.abs(target - source)
    pairs = np.stack([target, source], axis=1)
    chosen = pairs[(apart >= _NEAREST) & (apart <= _FARTHEST)]
    return generator.permutation(chosen)


def _is_noticed(one: UInt8Array, other: UInt8Array, sound: Pcm, new: Pcm) -> bool:
    """Whether the change of one frame (S, S, 3) and of its sound (640,) is enough for a window."""
    seen = is_seen(one[None], other[None], LEAST_SHARE * SEGMENT_FRAMES)
    return seen and is_heard(sound, new)


def _samples(row: int) -> slice:
    return slice(row * SAMPLES_PER_FRAME, (row + 1) * SAMPLES_PER_FRAME)


def _difference(one: UInt8Array, other: UInt8Array) -> float:
    """The mean absolute difference of two frames (S, S, 3), in levels of 255."""
    return cv2.norm(one, other, cv2.NORM_L1) / one.size
