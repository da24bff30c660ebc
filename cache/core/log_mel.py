"""Log-mel spectrograms exactly as Whisper computes them, for many segments at once."""

from functools import cache

import numpy as np
import torch

from avdf.cache.core.arrays import LogMel, Pcm
from avdf.cache.core.clock import (
    MEL_BINS,
    MEL_HOP,
    MEL_WINDOW,
    SAMPLE_RATE,
    SEGMENT_SAMPLES,
)
from avdf.cache.core.constant import Constant

# Slaney's mel scale is linear below 1 kHz and logarithmic above.
_BREAK_HZ = 1000.0
_LINEAR_HZ_PER_MEL = 200.0 / 3
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0

_FULL_SCALE = 32768.0  # of int16 samples
_LEAST_POWER = 1e-10
_DYNAMIC_RANGE = 8.0  # powers of ten below the maximum of a segment
_WINDOW = Constant(torch.hann_window(MEL_WINDOW))
_SEGMENTS_AT_ONCE = 256  # their spectra take far more memory than their log-mel


@cache
def mel_filters(
    bins: int = MEL_BINS,
    window: int = MEL_WINDOW,
    rate: int = SAMPLE_RATE,
) -> torch.Tensor:
    """The mel filterbank (bins, window / 2 + 1) on Slaney's scale, normalised by area.

    Args:
        bins: mel channels.
        window: samples of the window whose spectrum is filtered.
        rate: samples per second. The filters cover 0 Hz to half of it.

    Source: `mel_filters.npz` of Whisper, which holds librosa's `filters.mel`.
    """
    # The corners of the triangles are equally spaced in mel.
    top_mel = _BREAK_MEL + np.log(rate / 2 / _BREAK_HZ) / _LOG_STEP
    mels = np.linspace(0.0, top_mel, bins + 2)
    linear = mels * _LINEAR_HZ_PER_MEL
    logarithmic = _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL))
    edges = np.where(mels < _BREAK_MEL, linear, logarithmic)

    hertz = np.linspace(0.0, rate / 2, window // 2 + 1)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (hertz - left) / (centre - left)
    falling = (right - hertz) / (right - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    area = 2.0 / (right - left)
    return torch.from_numpy((triangles * area).astype(np.float32))


@cache
def _filters(bins: int) -> Constant:
    return Constant(mel_filters(bins))


def log_mel(samples: torch.Tensor, bins: int = MEL_BINS) -> torch.Tensor:
    """Log-mel of segments, each normalised by its own maximum, on the device that holds them.

    Args:
        samples: (S, n) speech at 16 kHz: float in [-1, 1), or int16; n is a multiple of 160.
        bins: mel channels; Whisper has 80, and 128 from large-v3 on.

    Returns:
        (S, bins, n / 160) float32: log10 of the mel power, clamped to 8 below the maximum of the
        segment, then (x + 4) / 4.

    Raises:
        ValueError: samples of another shape.

    Source: `whisper.log_mel_spectrogram`, which has one maximum for all of its input; here each
    segment has its own.
    """
    if samples.ndim != 2 or samples.shape[1] % MEL_HOP:
        shape = tuple(samples.shape)
        raise ValueError(
            f"expected samples (S, n) with n a multiple of {MEL_HOP}, got {shape}"
        )
    if samples.dtype == torch.int16:
        samples = samples.float() / _FULL_SCALE
    device = samples.device
    window = _WINDOW.on(device)
    spectrum = torch.stft(
        samples, MEL_WINDOW, MEL_HOP, window=window, return_complex=True
    )
    # `stft` centres its frames and so yields one more than n / 160; Whisper drops the last.
    power = spectrum[..., :-1].abs() ** 2
    mel_power = _filters(bins).on(device) @ power
    log = mel_power.clamp(min=_LEAST_POWER).log10()
    maximum = log.amax(dim=(1, 2), keepdim=True)
    log = torch.maximum(log, maximum - _DYNAMIC_RANGE)
    return (log + 4.0) / 4.0


def segment_log_mel(pcm: Pcm) -> LogMel:
    """(len(pcm) // 10240, 80, 64) log-mel of the non-overlapping segments of a track's audio."""
    segments = len(pcm) // SEGMENT_SAMPLES
    whole = pcm[: segments * SEGMENT_SAMPLES].reshape(segments, SEGMENT_SAMPLES)
    parts = torch.split(torch.from_numpy(whole.copy()), _SEGMENTS_AT_ONCE)
    return np.concatenate([log_mel(part).numpy().astype(np.float16) for part in parts])
