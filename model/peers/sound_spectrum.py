"""A sound-only baseline: the levels of 16 bands, how they vary, and how noisy the spectrum is.

Vocoders and codecs leave traces in the shape of the spectrum, most in its highest bands
(Frank and Schönherr 2021, WaveFake, use such features with a Gaussian mixture).
"""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm
from avdf.model.peers.footage import PeerFootage
from avdf.model.peers.logistic_baseline import LogisticBaseline
from avdf.model.speaking.sound import sound_features

Array = npt.NDArray[np.float64]

_BANDS = 16
_FRAME = 512  # samples of one spectrum: 32 ms
_LEAST = 1e-9


class SoundSpectrum(LogisticBaseline):
    """36 measures of the sound of a window; its loudness is none of them.

    Of each of 16 bands the mean level against the mean of all bands, and its standard deviation
    over the 16 frames; the mean rise and change of the levels; mean and standard deviation of the
    flatness of the spectrum.
    """

    name = "sound spectrum"
    version = "1"
    takes = "sound"
    verdict = "audio"

    def measures(self, footage: PeerFootage) -> Array:
        """(36,) of 0.64 s of sound."""
        features = sound_features(footage.pcm)
        levels = features[:, :_BANDS]
        mean = levels.mean(axis=0)
        flatness = _flatness(footage.pcm)
        return np.concatenate(
            [
                mean - mean.mean(),
                levels.std(axis=0),
                features[:, _BANDS:].mean(axis=0),
                [flatness.mean(), flatness.std()],
            ]
        )


def _flatness(pcm: Pcm) -> Array:
    """(m,) log of the geometric by the arithmetic mean of the power in each 32 ms."""
    samples = pcm[: len(pcm) // _FRAME * _FRAME].astype(np.float64) / 32768
    frames = samples.reshape(-1, _FRAME) * np.hanning(_FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 + _LEAST
    return np.asarray(np.log(power).mean(axis=1) - np.log(power.mean(axis=1)))
