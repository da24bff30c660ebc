"""Linear prediction: the filter that predicts each sample of a frame from the samples before it."""

import numpy as np
import numpy.typing as npt
import scipy.fft

Table = npt.NDArray[np.float64]


def autocorrelation(frames: Table, lags: int) -> Table:
    """(F, n) -> (F, lags): sum over t of x[t] x[t + lag], for lags from 0 on."""
    # By the theorem of Wiener and Khinchin; padding keeps the ends from meeting.
    size = 1 << (frames.shape[1] + lags - 1).bit_length()
    power = np.square(np.abs(scipy.fft.rfft(frames, size, axis=1)))
    correlated: Table = scipy.fft.irfft(power, size, axis=1)
    return correlated[:, :lags]


def predictor(correlation: Table) -> tuple[Table, Table]:
    """The prediction filters of many frames, by the recursion of Levinson and Durbin.

    Args:
        correlation: (F, order + 1) the autocorrelation of each frame; lag 0 is positive.

    Returns:
        (F, order + 1) the filter A with A[0] = 1, so that sum over i of A[i] x[t - i] is the
        error of the prediction, and (F,) the energy of that error.
    """
    order = correlation.shape[1] - 1
    filters = np.zeros_like(correlation)
    filters[:, 0] = 1.0
    error = correlation[:, 0].copy()
    for step in range(1, order + 1):
        # What the filter so far leaves unexplained at this lag gives the reflection coefficient.
        known = filters[:, :step]
        left = np.sum(known * correlation[:, step:0:-1], axis=1)
        reflection = -left / error
        filters[:, 1 : step + 1] += reflection[:, None] * known[:, ::-1]
        error = error * (1 - reflection**2)
    return filters, error
