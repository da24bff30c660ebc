"""Log-mel against Whisper's own function."""

import numpy as np
import pytest
import torch
import whisper
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.core.clock import MEL_BINS, SEGMENT_MELS, SEGMENT_SAMPLES
from avdf.cache.core.log_mel import log_mel, mel_filters, segment_log_mel


@pytest.mark.parametrize("bins", [MEL_BINS, 128])
def test_the_filters_are_whispers(bins: int) -> None:
    theirs = whisper.audio.mel_filters("cpu", bins)
    torch.testing.assert_close(mel_filters(bins), theirs, atol=1e-8, rtol=1e-5)


@pytest.mark.parametrize("bins", [MEL_BINS, 128])
def test_log_mel_is_whispers_for_each_number_of_bins(bins: int) -> None:
    samples = torch.sin(torch.arange(SEGMENT_SAMPLES) / 5)
    theirs = whisper.log_mel_spectrogram(samples, bins)
    torch.testing.assert_close(
        log_mel(samples[None], bins)[0],
        theirs,
        atol=2e-5,
        rtol=1e-5,
    )


@given(st.integers(0, 2**31), st.floats(0, 1), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_each_segment_is_as_whisper_computes_it_alone(
    seed: int,
    loudness: float,
    segments: int,
) -> None:
    noise = np.random.default_rng(seed).normal(size=(segments, SEGMENT_SAMPLES))
    samples = torch.from_numpy(noise * loudness).float()
    ours = log_mel(samples)
    assert ours.shape == (segments, MEL_BINS, SEGMENT_MELS)
    for segment, mel in zip(samples, ours, strict=True):
        theirs = whisper.log_mel_spectrogram(segment)
        torch.testing.assert_close(mel, theirs, atol=2e-5, rtol=1e-5)


def test_samples_of_16_bits_have_the_same_log_mel_as_floats() -> None:
    samples = (torch.rand(2, SEGMENT_SAMPLES) * 60000 - 30000).to(torch.int16)
    torch.testing.assert_close(log_mel(samples), log_mel(samples.float() / 32768))


def test_a_loud_segment_does_not_change_a_quiet_one_beside_it() -> None:
    quiet, loud = (
        torch.randn(1, SEGMENT_SAMPLES) * 1e-3,
        torch.randn(1, SEGMENT_SAMPLES),
    )
    both = torch.cat([quiet, loud])
    torch.testing.assert_close(log_mel(both)[:1], log_mel(quiet))


@pytest.mark.parametrize(
    "shape",
    [
        (1, 161),
        (160,),
    ],
)
def test_samples_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="multiple of 160"):
        log_mel(torch.zeros(shape))


def test_the_log_mel_of_a_track_is_that_of_its_segments() -> None:
    generator = np.random.default_rng(0)
    # Two segments and a rest that belongs to none.
    pcm = generator.integers(-9000, 9000, 2 * SEGMENT_SAMPLES + 640).astype(np.int16)
    samples = torch.from_numpy(pcm[: 2 * SEGMENT_SAMPLES].reshape(2, SEGMENT_SAMPLES))
    np.testing.assert_array_equal(
        segment_log_mel(pcm), log_mel(samples).numpy().astype(np.float16)
    )


def test_the_log_mel_of_a_long_track_does_not_depend_on_its_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generator = np.random.default_rng(0)
    pcm = generator.integers(-9000, 9000, 5 * SEGMENT_SAMPLES).astype(np.int16)
    whole = segment_log_mel(pcm)
    monkeypatch.setattr("avdf.cache.core.log_mel._SEGMENTS_AT_ONCE", 2)
    np.testing.assert_array_equal(segment_log_mel(pcm), whole)


@pytest.mark.parametrize(("window", "rate"), [(1024, 16_000), (2048, 11_025)])
def test_filters_of_other_windows_have_an_area_of_one(window: int, rate: int) -> None:
    filters = mel_filters(40, window, rate)
    assert filters.shape == (40, window // 2 + 1)
    # The sum over bins approximates the area; of narrow filters, roughly.
    area = filters.sum(dim=1) * rate / window
    torch.testing.assert_close(area, torch.ones(40), atol=0.12, rtol=0)
