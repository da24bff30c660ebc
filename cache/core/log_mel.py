"""Log-mel spectrograms exactly as Whisper computes them, for a batch of segments at once."""

from functools import cache

import numpy as np
import torch

from avdf.cache.core.clock import MEL_BINS, MEL_HOP, MEL_WINDOW, SAMPLE_RATE

_LINEAR_HZ_PER_MEL = 200.0 / 3  # Slaney's scale: linear below 1 kHz, logarithmic above
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


@cache
def mel_filters(bins: int = MEL_BINS) -> torch.Tensor:
    """Mel filterbank (bins, 201) on Slaney's scale with area normalisation, as in Whisper's `mel_filters.npz`."""
    top_mel = _BREAK_MEL + np.log(SAMPLE_RATE / 2 / _BREAK_HZ) / _LOG_STEP
    mels = np.linspace(0.0, top_mel, bins + 2)
    linear, logarithmic = (
        mels * _LINEAR_HZ_PER_MEL,
        _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL)),
    )
    edges = np.where(mels < _BREAK_MEL, linear, logarithmic)
    hertz = np.linspace(0.0, SAMPLE_RATE / 2, MEL_WINDOW // 2 + 1)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    area = 2.0 / (edges[2:] - edges[:-2])
    return torch.from_numpy((triangles * area[:, None]).astype(np.float32))


def log_mel(samples: torch.Tensor, bins: int = MEL_BINS) -> torch.Tensor:
    """Log-mel of segments, each normalised by its own maximum, on the device that holds them.

    Args:
        samples: (S, n) speech at 16 kHz: float in [-1, 1), or int16; n a multiple of 160.
        bins: mel channels; Whisper has 80, and 128 from large-v3 on.

    Returns:
        (S, bins, n / 160) float32: log10 of the mel power, clamped to 8 below the segment's maximum, then (x + 4) / 4.

    Source: `whisper.log_mel_spectrogram`, which takes one maximum over all that it is given; here it is per segment.
    """
    if samples.ndim != 2 or samples.shape[1] % MEL_HOP:
        raise ValueError(
            f"expected samples (S, n) with n a multiple of {MEL_HOP}, got {tuple(samples.shape)}"
        )
    if samples.dtype == torch.int16:
        samples = samples.float() / 32768.0
    window = torch.hann_window(MEL_WINDOW, device=samples.device)
    spectrum = torch.stft(samples, MEL_WINDOW, MEL_HOP, window=window, return_complex=True)
    power = spectrum[..., :-1].abs() ** 2
    log = (mel_filters(bins).to(samples.device) @ power).clamp(min=1e-10).log10()
    log = torch.maximum(log, log.amax(dim=(1, 2), keepdim=True) - 8.0)
    return (log + 4.0) / 4.0
