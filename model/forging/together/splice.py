"""One frame of picture and sound, replaced by a similar one from another instant."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.forging.sound.splice_in import splice_in

_NEAREST = round(0.2 * FRAME_RATE)  # frames: 5
_FARTHEST = FRAME_RATE // 2  # frames: 12
_MOST_DIFFERENT = 10.0  # mean difference of two frames, of 255
_MOST_TRIALS = 64  # pairs of frames that are compared


def splice(footage: Footage, generator: np.random.Generator) -> Footage:
    """The footage with one frame, and its 40 ms of sound, copied from 0.2 to 0.5 s away.

    The two frames differ by 10 of 255 at most on average, so that the cut is not seen at once; the
    sound goes over within 2 ms at both ends. Of 64 random pairs of frames, the first that is alike
    enough is taken.

    Raises:
        CannotForge: no pair that was looked at is alike enough, or there are fewer than 6 frames.
    """
    for target, source in _pairs(len(footage.frames), generator)[:_MOST_TRIALS]:
        if (
            _difference(footage.frames[target], footage.frames[source])
            > _MOST_DIFFERENT
        ):
            continue
        frames = footage.frames.copy()
        frames[target] = frames[source]
        # The copied sound stands where its frame now stands.
        first, last = target * SAMPLES_PER_FRAME, (target + 1) * SAMPLES_PER_FRAME
        moved = np.roll(footage.pcm, (target - source) * SAMPLES_PER_FRAME)
        pcm = splice_in(footage.pcm, moved, first, last)
        return replace(footage, frames=frames, pcm=pcm)
    raise CannotForge(
        "`splice` needs two frames 0.2 to 0.5 s apart that differ by at most 10 of 255"
    )


def _pairs(frames: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """(k, 2) all pairs of target and source that are 0.2 to 0.5 s apart, in random order."""
    target, source = np.indices((frames, frames)).reshape(2, -1)
    apart = np.abs(target - source)
    pairs = np.stack([target, source], axis=1)
    chosen = pairs[(apart >= _NEAREST) & (apart <= _FARTHEST)]
    return generator.permutation(chosen)


def _difference(one: UInt8Array, other: UInt8Array) -> float:
    """The mean absolute difference of two frames (S, S, 3), in levels of 255."""
    return float(np.mean(np.abs(one.astype(np.int16) - other)))
