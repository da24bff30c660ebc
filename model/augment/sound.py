"""Random changes of sound, for genuine and forged windows alike."""

from collections.abc import Callable

import numpy as np

from avdf.cache.core.arrays import Pcm
from avdf.model.augment import added_noise, channel, codec_imitation
from avdf.model.waveform import Waveform, to_pcm, to_waveform

Effect = Callable[[Waveform, np.random.Generator], Waveform]

# The way of sound from a mouth to a file, with the share of windows that take each step. What is
# done to all removes what vocoders and recordings differ in by accident: offset, silence of exact
# zeros, shape of the phase.
_STEPS: tuple[tuple[Effect, float], ...] = (
    (channel.remove_lows, 1.0),
    (channel.disperse, 1.0),
    (channel.reverberate, 0.3),
    (channel.tilt, 0.7),
    (added_noise.convolve, 0.3),
    (added_noise.add_impulses, 0.1),
    (added_noise.add_coloured, 0.5),
    (channel.saturate, 0.5),
    (channel.limit_band, 0.5),
    (codec_imitation.imitate_aac, 0.5),
    (codec_imitation.imitate_opus, 0.5),
    (channel.amplify, 1.0),
    (channel.convert, 1.0),
)


def augment_sound(pcm: Pcm, generator: np.random.Generator) -> Pcm:
    """The sound (n,) after a random way through microphone, room, codec and converter.

    Genuine and forged windows are changed with the same distribution, so that nothing of it tells
    them apart. The input stays as it is.
    """
    samples = to_waveform(pcm)
    for effect, share in _STEPS:
        if generator.random() < share:
            samples = effect(samples, generator)
    return to_pcm(samples)
