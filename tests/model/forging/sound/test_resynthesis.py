"""What all vocoders share: context, lower rates, blending, level."""

import numpy as np
import pytest

from avdf.model.forging.sound import resynthesis
from avdf.model.forging.sound.resynthesis import resynthesised
from avdf.model.waveform import Waveform
from tests.helpers.voices import synthetic_voices, window_of

RECORDING = synthetic_voices(1)[0]


def keep(samples: Waveform, rate: int, generator: np.random.Generator) -> Waveform:
    """A vocoder without loss."""
    return samples


def set_shares(patch: pytest.MonkeyPatch, lower_rate: float, blend: float) -> None:
    patch.setattr(resynthesis, "_LOWER_RATE_SHARE", lower_rate)
    patch.setattr(resynthesis, "_BLEND_SHARE", blend)


@pytest.mark.parametrize("begin", [0, 700, 16_000, len(RECORDING) - 10_240])
def test_without_loss_the_window_stays(
    monkeypatch: pytest.MonkeyPatch, begin: int
) -> None:
    set_shares(monkeypatch, lower_rate=0, blend=0)
    footage = window_of(RECORDING, begin)
    forged = resynthesised(keep)(footage, np.random.default_rng(0))
    assert np.abs(forged.pcm.astype(int) - footage.pcm).max() <= 1


def test_a_lower_rate_leaves_out_high_frequencies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_shares(monkeypatch, lower_rate=1, blend=0)
    noise = np.random.default_rng(0).normal(0, 3000, 40_000).astype(np.int16)
    for seed in range(4):
        forged = resynthesised(keep)(
            window_of(noise, 9000), np.random.default_rng(seed)
        )
        power = np.abs(np.fft.rfft(forged.pcm)) ** 2
        above = power[len(power) * 3 // 4 :].mean()
        assert above < 0.05 * power[: len(power) // 4].mean()


def test_blended_with_itself_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    set_shares(monkeypatch, lower_rate=0, blend=1)
    noise = np.random.default_rng(0).normal(0, 3000, 40_000).astype(np.int16)
    for seed in range(6):
        footage = window_of(noise, 15_000)
        forged = resynthesised(keep)(footage, np.random.default_rng(seed)).pcm / 32768
        # Noise is like itself at the distance of its copy alone.
        alike = np.correlate(forged, forged, "full")[len(forged) :]
        distance = int(np.argmax(alike)) + 1
        assert 3_200 <= distance <= 8_000
        assert alike.max() > 0.03 * np.sum(forged**2)


def test_no_copy_where_the_recording_is_too_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_shares(monkeypatch, lower_rate=0, blend=1)
    window = RECORDING[9_000:19_240]
    forged = resynthesised(keep)(window_of(window, 0), np.random.default_rng(0))
    assert np.abs(forged.pcm.astype(int) - window).max() <= 1


def test_balance_and_level_are_those_of_the_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dull(samples: Waveform, rate: int, generator: np.random.Generator) -> Waveform:
        return 0.1 * np.convolve(samples, [0.7, 0.3], "same")

    set_shares(monkeypatch, lower_rate=0, blend=0)
    noise = np.random.default_rng(1).normal(100, 2000, 40_000).astype(np.int16)
    footage = window_of(noise, 9_000)
    forged = resynthesised(dull)(footage, np.random.default_rng(0)).pcm
    assert forged.std() == pytest.approx(footage.pcm.std(), rel=0.01)
    assert forged.mean() == pytest.approx(footage.pcm.mean(), abs=1)
    theirs = np.abs(np.fft.rfft(footage.pcm - footage.pcm.mean())) ** 2
    ours = np.abs(np.fft.rfft(forged - forged.mean())) ** 2
    for low, high in ((100, 1000), (1000, 3000), (3000, 4500)):
        assert ours[low:high].sum() == pytest.approx(theirs[low:high].sum(), rel=0.2)
