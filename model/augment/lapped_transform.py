"""The modified discrete cosine transform (MDCT), on which AAC and Opus rest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from avdf.model.waveform import Waveform

Coefficients = npt.NDArray[np.float64]
"""(frames, hop)"""


@dataclass(frozen=True)
class LappedTransform:
    """Frames of 2 hop samples, each `hop` after the one before, with hop coefficients.

    Raises:
        ValueError: the hop is odd or not positive.
    """

    hop: int

    def __post_init__(self) -> None:
        if self.hop < 2 or self.hop % 2:
            raise ValueError(
                f"a hop of {self.hop} samples; it must be even, at least 2"
            )

    def analyse(self, samples: Waveform) -> Coefficients:
        """(n,) -> (ceil(n / hop) + 1, hop)."""
        blocks = -(-len(samples) // self.hop)
        padded = np.pad(
            samples, (self.hop, (blocks + 1) * self.hop - len(samples))
        ).reshape(-1, self.hop)
        rising = self._rising()
        # A frame is the blocks (a, b) of the block before and (c, d) of the block after. Folded to
        # (-c reversed - d, a - b reversed), its DCT of type IV is the MDCT.
        before, after = padded[:-1] * rising, padded[1:] * rising[::-1]
        half = self.hop // 2
        a, b = before[:, :half], before[:, half:]
        c, d = after[:, :half], after[:, half:]
        folded = np.concatenate([-c[:, ::-1] - d, a - b[:, ::-1]], axis=1)
        return np.asarray(scipy.fft.dct(folded, type=4, norm="ortho", axis=1))

    def synthesise(self, coefficients: Coefficients, length: int) -> Waveform:
        """The waveform (length,); from unchanged coefficients, the one that was analysed."""
        folded = scipy.fft.dct(coefficients, type=4, norm="ortho", axis=1)
        half = self.hop // 2
        left, right = folded[:, :half], folded[:, half:]
        rising = self._rising()
        before = np.concatenate([right, -right[:, ::-1]], axis=1) * rising
        after = np.concatenate([-left[:, ::-1], -left], axis=1) * rising[::-1]
        # What one frame folds into its second half, the next one cancels in its first.
        blocks = after[:-1] + before[1:]
        return np.asarray(blocks.ravel()[:length])

    def _rising(self) -> Waveform:
        """The first half of the sine window; rising^2 + falling^2 = 1."""
        return np.sin(np.pi * (np.arange(self.hop) + 0.5) / (2 * self.hop))
