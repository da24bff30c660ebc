"""Pitch: that of pulses is found, noise and silence have none."""

import numpy as np
import pytest

from avdf.model.forging.sound.pitch_track import centred_frames, track_pitch


@pytest.mark.parametrize("rate", [8_000, 16_000])
@pytest.mark.parametrize("hertz", [80, 125, 200, 310])
def test_pitch_of_a_sawtooth(rate: int, hertz: int) -> None:
    samples = (np.arange(rate) * hertz / rate) % 1 - 0.5
    found = track_pitch(samples, rate, hop=rate // 100).hertz[5:-5]
    np.testing.assert_allclose(found, hertz, rtol=0.03)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(size=16_000)
    assert np.mean(track_pitch(noise, 16_000, 160).hertz > 0) < 0.03
    assert not track_pitch(np.zeros(16_000), 16_000, 160).hertz.any()


def test_frames_are_centred() -> None:
    samples = np.arange(1.0, 101.0)
    frames = centred_frames(samples, width=30, hop=10)
    assert frames.shape == (10, 30)
    np.testing.assert_array_equal(frames[5], samples[40:70])
    np.testing.assert_array_equal(frames[0][:10], 0)
