"""Augmentation of sound: what each effect does, and what all of them keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import freqz

from avdf.model.augment import added_noise, channel, codec_imitation
from avdf.model.augment.notch_filter import low_pass, random_notches
from avdf.model.augment.sound import Effect, augment_sound
from tests.helpers.voices import synthetic_voices

SPEECH = synthetic_voices(1)[0][9_000:19_240]
WAVE = SPEECH / 32768
NOISE = np.random.default_rng(0).normal(0, 0.1, 10_240)


def level(samples: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples))))


@settings(max_examples=60)
@given(length=st.integers(1, 12_000), seed=st.integers(0, 10_000))
def test_any_sound_keeps_its_length_and_repeats(length: int, seed: int) -> None:
    speech = np.resize(SPEECH, length)
    before = speech.copy()
    changed = augment_sound(speech, np.random.default_rng(seed))
    assert changed.dtype == np.int16
    assert changed.shape == (length,)
    np.testing.assert_array_equal(speech, before)
    again = augment_sound(speech, np.random.default_rng(seed))
    np.testing.assert_array_equal(changed, again)


@pytest.mark.parametrize("value", [0, 300, -32768, 32767])
def test_silence_and_offsets_become_quiet_noise(value: int) -> None:
    for seed in range(20):
        pcm = np.full(10_240, value, np.int16)
        changed = augment_sound(pcm, np.random.default_rng(seed))
        assert np.abs(changed.astype(int)).max() < 30


def test_speech_stays_the_same_speech() -> None:
    # The loudness of each 20 ms goes along with that of the source.
    blocks = np.log(np.abs(SPEECH.reshape(-1, 320).astype(float)).mean(axis=1) + 30)
    alike = []
    for seed in range(40):
        changed = augment_sound(SPEECH, np.random.default_rng(seed))
        loud = np.log(np.abs(changed.reshape(-1, 320).astype(float)).mean(axis=1) + 30)
        alike.append(np.corrcoef(blocks, loud)[0, 1])
    assert np.median(alike) > 0.9


def test_notches_weaken_and_never_amplify_much() -> None:
    for seed in range(20):
        taps = random_notches(np.random.default_rng(seed))
        gain = np.abs(freqz(taps, worN=512)[1])
        assert len(taps) % 2
        assert gain.max() < 1.8
        assert gain.min() < 0.95


def test_low_pass_stops_what_is_above() -> None:
    hertz, gain = freqz(low_pass(4000, 60), worN=800, fs=16_000)
    np.testing.assert_allclose(np.abs(gain[hertz < 3700]), 1, atol=0.01)
    assert np.abs(gain[hertz > 4300]).max() < 0.01


def test_stationary_noise_has_a_ratio_of_10_to_40_decibels() -> None:
    for seed in range(20):
        added = added_noise.add_coloured(WAVE, np.random.default_rng(seed)) - WAVE
        assert 10 - 1e-6 <= level(WAVE) - level(added) <= 40 + 1e-6


def test_impulses_change_few_samples() -> None:
    for seed in range(20):
        changed = added_noise.add_impulses(NOISE, np.random.default_rng(seed))
        assert np.mean(changed != NOISE) < 0.12


def test_dispersion_keeps_the_spectrum() -> None:
    click = np.zeros(16_384)
    click[100] = 1.0
    for seed in range(10):
        spread = channel.disperse(click, np.random.default_rng(seed))
        np.testing.assert_allclose(np.abs(np.fft.rfft(spread)), 1, atol=1e-3)
        assert np.abs(spread).max() < 0.9


def test_bands_are_limited() -> None:
    for seed in range(10):
        limited = channel.limit_band(NOISE, np.random.default_rng(seed))
        power = np.abs(np.fft.rfft(limited)) ** 2
        assert power[-30:].mean() < 0.05 * power[1000:3000].mean()


def test_lows_are_removed() -> None:
    for seed in range(10):
        removed = channel.remove_lows(NOISE + 0.3, np.random.default_rng(seed))
        assert abs(removed.mean()) < 0.003


def test_a_room_goes_on_after_a_click() -> None:
    click = np.zeros(10_240)
    click[1000] = 1.0
    for seed in range(10):
        heard = channel.reverberate(click, np.random.default_rng(seed))
        assert np.abs(heard[:1000]).max() < 1e-12
        assert heard[1000] == pytest.approx(1.0)
        assert 0.03 < np.sum(heard[1001:] ** 2) < 1.001


def test_saturation_and_gain_never_clip() -> None:
    for seed in range(10):
        generator = np.random.default_rng(seed)
        rounded = channel.saturate(WAVE, generator)
        assert np.abs(rounded).max() == pytest.approx(np.abs(WAVE).max())
        assert np.abs(channel.amplify(5 * WAVE, generator)).max() < 0.99


@pytest.mark.parametrize(
    "imitate", [codec_imitation.imitate_aac, codec_imitation.imitate_opus]
)
def test_codecs_lose_more_at_high_frequencies(imitate: Effect) -> None:
    low, high = [], []
    for seed in range(10):
        coded = imitate(NOISE, np.random.default_rng(seed))
        error = np.abs(np.fft.rfft(coded - NOISE)) ** 2
        whole = np.abs(np.fft.rfft(NOISE)) ** 2
        low.append(error[:1000].sum() / whole[:1000].sum())
        high.append(error[-1000:].sum() / whole[-1000:].sum())
    assert 0.001 < np.mean(low) < np.mean(high) < 1.0
