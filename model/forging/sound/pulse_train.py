"""The pulses of a voice: one at the beginning of each period."""

import numpy as np
import numpy.typing as npt

from avdf.model.forging.sound.pitch_track import PitchTrack
from avdf.model.waveform import Waveform


def pulse_train(
    pitch: PitchTrack,
    length: int,
    rate: int,
    generator: np.random.Generator,
) -> tuple[Waveform, npt.NDArray[np.bool_]]:
    """(length,) pulses that have a power of about 1, and where the voice sounds."""
    hertz = np.repeat(pitch.hertz, pitch.hop)[:length]
    voiced = hertz > 0
    periods = np.floor(np.cumsum(hertz / rate) + generator.random())
    begins = np.diff(periods, prepend=periods[0]) > 0
    height = np.sqrt(rate / np.where(voiced, hertz, rate))
    return np.where(begins, height, 0.0), voiced
