"""A vocoder of linear prediction: pulses or noise through the filter of the vocal tract."""

import numpy as np
import scipy.fft
from scipy.signal import lfilter

from avdf.model.forging.sound.linear_prediction import autocorrelation, predictor
from avdf.model.forging.sound.pitch_track import (
    PitchTrack,
    centred_frames,
    track_pitch,
)
from avdf.model.forging.sound.pulse_train import pulse_train
from avdf.model.forging.sound.short_time_spectrum import overlap_add
from avdf.model.waveform import Waveform

_HOP = 0.01  # s
_WINDOWS_PER_HOP = 3  # a frame is three hops: 30 ms
_PRE_EMPHASIS = 0.95  # lifts high frequencies, so that the filter describes them too
_WHITENING = 1e-5  # share of white noise that keeps the filter stable
_LEAST_ENERGY = 1e-10
_PULSE_LENGTH = 0.004  # s over which the frequencies of a pulse are spread at most
_LOWEST_VOICE = 50.0  # Hz
_BREATH = 0.15  # amplitude of noise beside pulses of power 1


def resynthesise(
    samples: Waveform,
    rate: int,
    generator: np.random.Generator,
) -> Waveform:
    """Speech from the linear prediction and the pitch of its frames.

    Source: Atal and Hanauer 1971, "Speech analysis and synthesis by linear prediction of the speech
    wave". The order of the filter is random: one pole for each kHz, and two to six more.
    """
    hop = round(_HOP * rate)
    order = rate // 1000 + int(generator.integers(2, 7))
    lifted = lfilter([1.0, -_PRE_EMPHASIS], [1.0], samples)

    # Analysis: the filter and the power of its input for each frame, and the pitch.
    window = np.hanning(_WINDOWS_PER_HOP * hop)
    frames = centred_frames(lifted, len(window), hop) * window
    correlation = autocorrelation(frames, order + 1)
    correlation[:, 0] = correlation[:, 0] * (1 + _WHITENING) + _LEAST_ENERGY
    filters, error = predictor(correlation)
    gain = np.sqrt(error / np.sum(window**2))
    pitch = track_pitch(samples, rate, hop)

    # Synthesis: each frame of the excitation is filtered by a product of spectra, and they add up.
    source = _excitation(pitch, len(samples), rate, generator)
    grains = centred_frames(source, 2 * hop, hop) * np.hanning(2 * hop + 1)[:-1]
    size = 8 * hop  # room for the answer of the filter to fade
    tract = scipy.fft.rfft(filters, size, axis=1)
    spoken = scipy.fft.rfft(grains, size, axis=1) * gain[:, None] / tract
    added = overlap_add(scipy.fft.irfft(spoken, size, axis=1), hop)
    before = hop - hop // 2
    voice = added[before : before + len(samples)].astype(np.float64)
    return np.asarray(lfilter([1.0], [1.0, -_PRE_EMPHASIS], voice))


def _excitation(
    pitch: PitchTrack,
    length: int,
    rate: int,
    generator: np.random.Generator,
) -> Waveform:
    """(length,) pulses where the voice sounds, noise elsewhere; both have a power of about 1.

    Of a pulse, high frequencies come a little later or earlier than low ones, as in the voice: a
    pulse of one sample has a peak that gives it away. Source: McCree and Barnwell 1995, "A mixed
    excitation LPC vocoder model", where a fixed filter does this.
    """
    pulses, voiced = pulse_train(pitch, length, rate, generator)
    noise = generator.normal(size=length)
    pulses = scipy.fft.rfft(pulses)
    # The delay of a frequency is the slope of the phase: here it grows evenly up to the top.
    longest = generator.uniform(-_PULSE_LENGTH, _PULSE_LENGTH)
    cycles = np.linspace(0, rate / 2, len(pulses))
    phase = -np.pi * longest * cycles**2 / (rate / 2)
    # Pulses all have one sign. What is below the lowest voice would be an offset that comes and
    # goes with the voice, and is left where the voice has ended.
    pulses[cycles < _LOWEST_VOICE] = 0
    pulses = scipy.fft.irfft(pulses * np.exp(1j * phase), length)
    return np.where(voiced, pulses + _BREATH * noise, noise)
