"""Log-mel against Whisper's own function."""

import numpy as np
import pytest
import torch
import whisper
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.core.clock import MEL_BINS, SEGMENT_MELS, SEGMENT_SAMPLES
from avdf.cache.core.log_mel import log_mel, mel_filters


@pytest.mark.parametrize("bins", [MEL_BINS, 128])
def test_filters_are_whispers(bins: int) -> None:
    torch.testing.assert_close(
        mel_filters(bins), whisper.audio.mel_filters("cpu", bins), atol=1e-8, rtol=1e-5
    )
    sound = torch.sin(torch.arange(SEGMENT_SAMPLES) / 5)
    torch.testing.assert_close(
        log_mel(sound[None], bins)[0],
        whisper.log_mel_spectrogram(sound, bins),
        atol=2e-5,
        rtol=1e-5,
    )


@given(st.integers(0, 2**31), st.floats(0, 1), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_each_segment_is_as_whisper_computes_it_alone(
    seed: int, loudness: float, segments: int
) -> None:
    samples = torch.from_numpy(
        np.random.default_rng(seed).normal(size=(segments, SEGMENT_SAMPLES)) * loudness
    ).float()
    ours = log_mel(samples)
    assert ours.shape == (segments, MEL_BINS, SEGMENT_MELS)
    for segment, mel in zip(samples, ours, strict=True):
        torch.testing.assert_close(mel, whisper.log_mel_spectrogram(segment), atol=2e-5, rtol=1e-5)


def test_sixteen_bit_samples_mean_the_same() -> None:
    samples = (torch.rand(2, SEGMENT_SAMPLES) * 60000 - 30000).to(torch.int16)
    torch.testing.assert_close(log_mel(samples), log_mel(samples.float() / 32768))


def test_a_loud_neighbour_changes_nothing() -> None:
    quiet, loud = torch.randn(1, SEGMENT_SAMPLES) * 1e-3, torch.randn(1, SEGMENT_SAMPLES)
    torch.testing.assert_close(log_mel(torch.cat([quiet, loud]))[:1], log_mel(quiet))


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 160"):
        log_mel(torch.zeros(1, 161))
