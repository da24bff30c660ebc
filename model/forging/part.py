"""Footage of which only a part is forged."""

from dataclasses import replace

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.model.forging.footage import Footage
from avdf.model.forging.sound.splice_in import splice_in


def only_part(genuine: Footage, forged: Footage, rows: tuple[int, int]) -> Footage:
    """The genuine footage with the frames and the sound of some rows from the forged one.

    Args:
        rows: the first forged row, and the one after the last.
    """
    first, stop = rows
    frames, pcm = genuine.frames, genuine.pcm
    # What a forgery of the sound alone leaves as it is needs no copy, and the other way round.
    if forged.frames is not genuine.frames:
        frames = genuine.frames.copy()
        frames[first:stop] = forged.frames[first:stop]
    if forged.pcm is not genuine.pcm:
        samples = first * SAMPLES_PER_FRAME, stop * SAMPLES_PER_FRAME
        pcm = splice_in(genuine.pcm, forged.pcm, *samples)
    return replace(genuine, frames=frames, pcm=pcm)
