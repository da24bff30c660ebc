"""An imitation of lossy codecs: the MDCT, rounded more coarsely at high frequencies.

It is not AAC or Opus: it has no psychoacoustic model of theirs, no entropy coding, no linear
prediction. It makes what their losses have in common: noise under the spectrum, holes where a band
was rounded to zero, and no high frequencies at low rates. A real encoder is a program of its own,
which takes longer to start than a window lasts in training. The real ones are in evaluation
(`pipeline/perturbations`).
"""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.model.augment.lapped_transform import LappedTransform
from avdf.model.waveform import Waveform

_BARKS = 18  # bands up to 8 kHz
_AAC = LappedTransform(1024 * SAMPLE_RATE // 32_000)  # frames of AAC at 32 kHz
_OPUS = LappedTransform(SAMPLE_RATE // 50)  # frames of 20 ms
_RATIOS = (2.0, 18.0)  # dB of signal to rounding noise in the lowest band
_DECLINE = (0.0, 0.6)  # dB less for each band above
_ROUNDING = np.sqrt(12.0)  # a rounding step over the deviation of its error
_LEAST = 1e-12


def imitate_aac(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The losses of long frames: 32 ms."""
    return _coded(samples, _AAC, generator)


def imitate_opus(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """The losses of short frames: 20 ms."""
    return _coded(samples, _OPUS, generator)


def _coded(
    samples: Waveform, transform: LappedTransform, generator: np.random.Generator
) -> Waveform:
    coefficients = transform.analyse(samples)
    band = _bands(transform.hop)
    # The level of each band in each frame; the rounding step is a fixed ratio below it.
    members = band[:, None] == np.arange(_BARKS)
    energy = np.square(coefficients) @ members / members.sum(axis=0)
    lowest = generator.uniform(*_RATIOS)
    ratio = lowest - generator.uniform(*_DECLINE) * np.arange(_BARKS)
    step = np.sqrt(energy) * 10 ** (-ratio / 20) * _ROUNDING
    step = np.maximum(step, _LEAST)[:, band]
    rounded = np.round(coefficients / step) * step
    return transform.synthesise(rounded, len(samples))


def _bands(hop: int) -> npt.NDArray[np.int64]:
    """(hop,) the band of each coefficient, equally wide on the Bark scale.

    Source: Traunmueller 1990, z = 26.81 f / (1960 + f) - 0.53.
    """
    hertz = (np.arange(hop) + 0.5) * (SAMPLE_RATE / 2 / hop)
    bark = 26.81 * hertz / (1960 + hertz) - 0.53
    share = (bark - bark[0]) / (bark[-1] - bark[0])
    return np.asarray(np.minimum(share * _BARKS, _BARKS - 1), np.int64)
