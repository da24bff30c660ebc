"""Random filters of finite length that weaken a few bands, as microphones and rooms do."""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SAMPLE_RATE

Taps = npt.NDArray[np.float64]

_BANDS = 5
_CENTRES = (20.0, 8000.0)  # Hz
_WIDTHS = (100.0, 1000.0)  # Hz
_TAPS = (10, 100)


def random_notches(generator: np.random.Generator) -> Taps:
    """(odd number of taps,) five filters in a row that each stop one band; gain 1 elsewhere.

    Source: Tak et al. 2022, "RawBoost", Section 3, with the parameters of its Table 1.
    """
    taps = np.ones(1)
    for _ in range(_BANDS):
        centre = generator.uniform(*_CENTRES)
        width = generator.uniform(*_WIDTHS)
        half = int(generator.integers(*_TAPS)) // 2
        taps = np.convolve(taps, _band_stop(centre, width, half))
    return taps


def low_pass(hertz: float, half: int) -> Taps:
    """(2 half + 1,) a sinc function within a Hamming window, with gain 1 at 0 Hz."""
    time = np.arange(-half, half + 1)
    cycles = hertz / SAMPLE_RATE
    taps = 2 * cycles * np.sinc(2 * cycles * time) * np.hamming(2 * half + 1)
    return np.asarray(taps / taps.sum())


def _band_stop(centre: float, width: float, half: int) -> Taps:
    """What a band-pass lets through, taken away from the signal itself."""
    lowest = max(1.0, centre - width / 2)
    highest = min(SAMPLE_RATE / 2 - 1.0, centre + width / 2)
    taps = low_pass(lowest, half) - low_pass(highest, half)
    taps[half] += 1.0
    return taps
