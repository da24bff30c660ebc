"""The sound of another video under the picture: both are genuine, and do not belong together."""

from dataclasses import replace

import numpy as np

from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.waveform import (
    as_loud_as,
    loudness,
    to_pcm,
    to_waveform,
)

_MOST_GAIN = 10.0  # 20 dB


def take_other_sound(footage: Footage, generator: np.random.Generator) -> Footage:
    """The footage with the sound `other`, as loud as its own, so that loudness tells nothing.

    Raises:
        CannotForge: the footage has no other sound, or one so quiet that it would have to be made
            more than ten times as loud: its noise would be what is heard.
    """
    if footage.other is None:
        raise CannotForge(
            "`other_sound` needs the sound of another video, and none is given"
        )
    other = to_waveform(footage.other)
    own = to_waveform(footage.pcm)
    if loudness(other) * _MOST_GAIN < loudness(own):
        raise CannotForge("the other sound is too quiet")
    return replace(footage, pcm=to_pcm(as_loud_as(other, own)))
