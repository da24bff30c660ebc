"""A cepstral vocoder: pulses mixed with noise, through the envelope of the spectrum."""

import numpy as np
import numpy.typing as npt
import scipy.fft

from avdf.model.forging.sound.pitch_track import centred_frames, track_pitch
from avdf.model.forging.sound.pulse_train import pulse_train
from avdf.model.forging.sound.short_time_spectrum import overlap_add
from avdf.model.forging.sound.spectral_envelope import (
    envelope_cepstrum,
    log_spectrum,
    minimum_phase,
)
from avdf.model.waveform import Waveform

_HOP = 0.008  # s
_WINDOW = 0.032  # s
_HOPS_OF_ANSWER = 8  # how long a grain may sound after the filter
_SIZE = 512  # of the spectra that are analysed; no window is longer
_ORDERS = (24, 45)
_LEAST_MAGNITUDE = 1e-5
_NOISE_FROM = (1500.0, 5000.0)  # Hz at which pulses and noise are equally strong
_NOISE_WIDTH = 640.0  # Hz over which one gives way to the other
_LEAST_NOISE = (0.02, 0.2)  # share of the power at low frequencies

Table = npt.NDArray[np.float32]


def resynthesise(
    samples: Waveform,
    rate: int,
    generator: np.random.Generator,
) -> Waveform:
    """Speech from its pitch and its cepstral envelope.

    Sources: Oppenheim 1969, "Speech analysis-synthesis system based on homomorphic filtering";
    noise that takes over towards high frequencies as in Kawahara et al. 1999 (STRAIGHT) and in
    vocoders of statistical synthesis. At random: the order of the cepstrum (24 to 44), and from
    where on noise prevails (1.5 to 5 kHz).
    """
    hop = round(_HOP * rate)
    order = int(generator.integers(*_ORDERS))

    # Analysis: the envelope of each frame, and the pitch.
    taper = np.hanning(round(_WINDOW * rate)).astype(np.float32)
    frames = centred_frames(samples, len(taper), hop).astype(np.float32) * taper
    magnitude = np.abs(scipy.fft.rfft(frames, _SIZE, axis=1)) / np.linalg.norm(taper)
    cepstrum = envelope_cepstrum(np.log(magnitude + _LEAST_MAGNITUDE), order)
    _keep_power(cepstrum, magnitude)
    pitch = track_pitch(samples, rate, hop)

    # Synthesis: grains of pulses and of noise, weighted by frequency, are filtered and add up.
    pulses, _ = pulse_train(pitch, len(samples), rate, generator)
    noise = generator.normal(size=len(samples))
    size = _HOPS_OF_ANSWER * hop
    share = _noise_share(size, rate, generator)
    of_noise = np.where(pitch.hertz[:, None] > 0, share, 1).astype(np.float32)
    mixed = _grains(pulses, hop, size) * np.sqrt(1 - of_noise)
    mixed += _grains(noise, hop, size) * np.sqrt(of_noise)
    mixed *= minimum_phase(cepstrum, size)
    added = overlap_add(scipy.fft.irfft(mixed, size, axis=1), hop)
    before = hop - hop // 2
    return added[before : before + len(samples)].astype(np.float64)


def _keep_power(cepstrum: Table, magnitude: Table) -> None:
    """Lower each envelope until it has the power of the frame: it lies on the peaks."""
    envelope = np.exp(2 * log_spectrum(cepstrum, _SIZE))
    has = envelope.sum(axis=1)
    wanted = np.square(magnitude).sum(axis=1) + _LEAST_MAGNITUDE**2
    cepstrum[:, 0] += 0.5 * np.log(wanted / has)


def _noise_share(size: int, rate: int, generator: np.random.Generator) -> Table:
    """(size / 2 + 1,) the share of noise in the power of a voice, by frequency."""
    hertz = np.linspace(0, rate / 2, size // 2 + 1)
    middle = generator.uniform(*_NOISE_FROM)
    rising = 1 / (1 + np.exp((middle - hertz) / _NOISE_WIDTH))
    return np.maximum(rising, generator.uniform(*_LEAST_NOISE)).astype(np.float32)


def _grains(samples: Waveform, hop: int, size: int) -> npt.NDArray[np.complex64]:
    """The spectra (F, size / 2 + 1) of overlapping pieces that add up to the samples."""
    fade = np.hanning(2 * hop + 1)[:-1].astype(np.float32)
    pieces = centred_frames(samples, 2 * hop, hop).astype(np.float32) * fade
    spectra: npt.NDArray[np.complex64] = scipy.fft.rfft(pieces, size, axis=1)
    return spectra
