"""Simple measures of one crop, by which a forgery must not be told from a genuine picture."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array

Measure = Callable[[UInt8Array], float]

_BLOCK = 8  # pixels, of JPEG
_HIGH = 0.25  # cycles per pixel: half of what a picture can hold


def _grey(crop: UInt8Array) -> npt.NDArray[np.float32]:
    return cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _face(crop: UInt8Array) -> UInt8Array:
    """The part of a crop (S, S, 3) from the brows to the chin, without hair and background."""
    side = len(crop)
    return crop[side // 4 : side * 7 // 8, side // 4 : side * 3 // 4]


def _mouth(crop: UInt8Array) -> UInt8Array:
    """The part of a crop (S, S, 3) around the mouth."""
    side = len(crop)
    return crop[side * 5 // 8 : side * 7 // 8, side // 4 : side * 3 // 4]


def sharpness(crop: UInt8Array) -> float:
    """The variance of the Laplacian."""
    return float(cv2.Laplacian(_grey(crop), cv2.CV_32F).var())


def high_frequencies(crop: UInt8Array) -> float:
    """The share of the energy at more than a quarter of the sampling frequency.

    A Hann window keeps the step from one border to the other out of it.
    """
    grey = _grey(crop)
    height, width = grey.shape
    hann = np.hanning(height)[:, None] * np.hanning(width)
    power = np.abs(np.fft.rfft2((grey - grey.mean()) * hann)) ** 2
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    return float(power[np.hypot(down, across) > _HIGH].sum() / (power.sum() + 1e-9))


def blockiness(crop: UInt8Array) -> float:
    """The mean step across the borders of 8 x 8 blocks, by that between all other neighbours."""
    grey = _grey(crop)
    on_border, elsewhere = 0.0, 0.0
    for turned in (grey, grey.T):
        steps = np.abs(np.diff(turned, axis=1)).mean(axis=0)
        is_border = np.arange(1, len(steps) + 1) % _BLOCK == 0
        on_border += float(steps[is_border].mean())
        elsewhere += float(steps[~is_border].mean())
    return on_border / (elsewhere + 1e-9)


def _mean_of(channel: int) -> Measure:
    return lambda crop: float(crop[..., channel].mean())


MEASURES: Mapping[str, Measure] = {
    "red": _mean_of(0),
    "green": _mean_of(1),
    "blue": _mean_of(2),
    "sharpness": sharpness,
    "sharpness of the face": lambda crop: sharpness(_face(crop)),
    "sharpness of the mouth": lambda crop: sharpness(_mouth(crop)),
    "high frequencies": high_frequencies,
    "high frequencies of the face": lambda crop: high_frequencies(_face(crop)),
    "blockiness": blockiness,
}
