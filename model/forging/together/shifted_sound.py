"""Sound that is early or late: picture and sound are genuine, and do not belong together."""

from dataclasses import replace

import numpy as np

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage

_LEAST = SAMPLE_RATE // 10  # 0.1 s: less is not seen
_MOST = SAMPLE_RATE  # 1 s


def shift_sound(footage: Footage, generator: np.random.Generator) -> Footage:
    """The footage with the sound of 0.1 to 1 s earlier or later in the same recording.

    Each distance that the recording around allows is equally probable. No part of the sound is
    repeated, filled with silence or carried around from one end to the other: each of these could
    be heard without looking at the picture.

    Raises:
        CannotForge: less than 0.1 s of the recording is known before and after.
    """
    samples = len(footage.pcm)
    before = min(footage.begin, _MOST)
    after = min(len(footage.around) - footage.begin - samples, _MOST)
    earlier = np.arange(-before, -_LEAST + 1)
    later = np.arange(_LEAST, after + 1)
    shifts = np.concatenate([earlier, later])
    if not len(shifts):
        raise CannotForge(
            f"`shifted_sound` needs 0.1 s of the recording before or after, and there "
            f"are {before / SAMPLE_RATE:.3f} and {after / SAMPLE_RATE:.3f} s"
        )
    begin = footage.begin + int(generator.choice(shifts))
    return replace(footage, pcm=footage.around[begin : begin + samples].copy())
