"""A mouth from another instant: the lower face of each frame is that of one or two frames away.

Each frame is genuine but for a seam; that the lips do not follow the sound, and the cheeks do not
follow the lips, is what there is to see.

Source: AVPF (audio-visual pseudo-fakes): a soft ellipse over the lower face, .02 to .05 s away,
gated in time. Its ellipse is one of the face's own square; ours is the same within crops that are
1.3 times as large.
"""

import numpy as np

from avdf.cache.core.arrays import UInt8Array
from avdf.model.forging.picture.ellipse import Ellipse
from avdf.model.forging.picture.instants import nearby
from avdf.model.forging.picture.time_gate import random_gate

LOWER_FACE = Ellipse(x=0.5, y=0.65, half_width=0.27, half_height=0.25)
_FEATHER = 31  # pixels of a crop of 224
_SHIFTS = (-2, -1, 1, 2)  # frames: 0.04 and 0.08 s


def mouth_time(frames: UInt8Array, generator: np.random.Generator) -> UInt8Array:
    """Frames (n, S, S, 3) with the mouth of an earlier or a later one, where the gate is open."""
    mask = LOWER_FACE.mask(frames.shape[1], _FEATHER)
    mouths = mask.region(frames)
    shift = _SHIFTS[generator.integers(len(_SHIFTS))]
    gate = random_gate(len(frames), generator)
    forged = frames.copy()
    for index, share in enumerate(gate):
        if share > 0:
            other = nearby(mouths, index, shift, generator)
            mask.faded(share).paste(other, forged[index])
    return forged
