"""Re-synthesised speech: the change of footage that an analysis and synthesis of speech makes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.signal import resample_poly

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Change
from avdf.model.forging.sound.spectral_balance import balanced_like
from avdf.model.waveform import (
    Waveform,
    as_loud_as,
    to_pcm,
    to_waveform,
)

# Speech (n,) at a number of samples per second -> the same speech (n,), synthesised.
Resynthesis = Callable[[Waveform, int, np.random.Generator], Waveform]

# Synthesised beyond both ends, so that what a vocoder does at the ends of its input is cut off.
_CONTEXT = round(0.1 * SAMPLE_RATE)
_LOWER_RATES = (8_000, 11_025)
_LOWER_RATE_SHARE = 0.3
_BLEND_SHARE = 0.25
_BLEND_DISTANCE = (0.2, 0.5)  # s
_BLEND_WEIGHT = (0.1, 0.4)  # of the copy


def resynthesised(synthesise: Resynthesis) -> Change:
    """A change of the sound of footage by a vocoder.

    At random, the vocoder works at 8 or 11.025 kHz (p .3) instead of 16 kHz, and its output is
    blended with itself 0.2 to 0.5 s away (p .25, where the recording is long enough).
    Loudness, spectral balance and constant offset are those of the genuine sound. Of silence,
    silence is made.

    Memory is about 60 times that of the samples.
    """

    def change(footage: Footage, generator: np.random.Generator) -> Footage:
        distance = _blend_distance(footage, generator)
        piece = _with_context(footage, distance)
        spoken = _at_some_rate(synthesise, piece, generator)

        begin = _CONTEXT - min(distance, 0)
        end = begin + len(footage.pcm)
        forged = spoken[begin:end]
        if distance:
            weight = generator.uniform(*_BLEND_WEIGHT)
            copy = spoken[begin + distance : end + distance]
            forged = (1 - weight) * forged + weight * copy
        return replace(footage, pcm=to_pcm(_levelled(forged, footage)))

    return change


def _levelled(forged: Waveform, footage: Footage) -> Waveform:
    """The forged sound with loudness, balance and constant offset of the genuine one."""
    recorded = to_waveform(footage.pcm)
    offset = float(recorded.mean())
    genuine = recorded - offset
    levelled = as_loud_as(forged - forged.mean(), genuine)
    balanced = balanced_like(levelled, genuine)
    return as_loud_as(balanced, genuine) + offset


def _blend_distance(footage: Footage, generator: np.random.Generator) -> int:
    """Samples to the copy that the output is blended with; 0 for none, negative for earlier."""
    wanted = generator.random() < _BLEND_SHARE
    distance = round(generator.uniform(*_BLEND_DISTANCE) * SAMPLE_RATE)
    later = len(footage.around) - footage.begin - len(footage.pcm)
    possible = [
        signed
        for signed, room in ((-distance, footage.begin), (distance, later))
        if room >= distance
    ]
    if not wanted or not possible:
        return 0
    return int(generator.choice(possible))


def _with_context(footage: Footage, distance: int) -> Waveform:
    """The sound with context at both ends, and as far as the copy is.

    Where the recording ends, its mirror image goes on.
    """
    begin = footage.begin - _CONTEXT + min(distance, 0)
    end = footage.begin + len(footage.pcm) + _CONTEXT + max(distance, 0)
    known = footage.around[max(begin, 0) : end]
    before = max(0, -begin)
    after = (end - begin) - before - len(known)
    heard = to_waveform(np.pad(known, (before, after), mode="reflect"))
    # A recorder's constant offset is not part of the voice: vocoders would make a tone of it.
    return heard - float(heard.mean())


def _at_some_rate(
    synthesise: Resynthesis, samples: Waveform, generator: np.random.Generator
) -> Waveform:
    """The output of the vocoder, which works at 16 kHz or, at random, at a lower rate."""
    lower = generator.random() < _LOWER_RATE_SHARE
    rate = int(generator.choice(_LOWER_RATES))
    if not lower:
        return synthesise(samples, SAMPLE_RATE, generator)
    spoken = synthesise(_resampled(samples, SAMPLE_RATE, rate), rate, generator)
    return _resampled(spoken, rate, SAMPLE_RATE)[: len(samples)]


def _resampled(samples: Waveform, rate: int, new_rate: int) -> Waveform:
    divisor = int(np.gcd(rate, new_rate))
    up, down = new_rate // divisor, rate // divisor
    return np.asarray(resample_poly(samples, up, down), np.float64)
