"""Synthetic clips: each kind of forgery really leaves its trace."""

import numpy as np
import numpy.typing as npt
import pytest

from avdf.pipeline.synthetic.clip import SyntheticClip, generate_clip
from avdf.pipeline.synthetic.forgery import Forgery
from avdf.pipeline.synthetic.speaker import random_speaker
from avdf.pipeline.synthetic.voice import Waveform, mouth_opening, random_voice, speak
from avdf.pipeline.synthetic.voice_clone import clone_voice

SECONDS = 2.0


def clip_of(method: str, fake_audio: bool = False) -> SyntheticClip:
    """The same words of the same speaker, forged by a method."""
    speaker = random_speaker(np.random.default_rng(1), "men")
    other = random_speaker(np.random.default_rng(2), "men")
    forgery = Forgery(method, fake_audio, other)
    return generate_clip(speaker, SECONDS, np.random.default_rng(3), forgery)


def correlation(first: Waveform, second: Waveform) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def synchrony(clip: SyntheticClip) -> float:
    """How well the mouth follows the audio: the correlation of darkness and loudness."""
    mouth = clip.frames[:, 150:200, 100:156]
    darkness = 255.0 - mouth.mean(axis=(1, 2, 3))
    return correlation(np.asarray(darkness, np.float64), mouth_opening(clip.audio))


def energy_above_6_khz(audio: Waveform) -> float:
    first_bin = 12_000  # of two seconds: half a hertz each
    spectrum: npt.NDArray[np.float64] = np.abs(np.fft.rfft(audio))
    return float(spectrum[first_bin:].sum())


def test_a_real_mouth_follows_its_audio() -> None:
    assert synchrony(clip_of("real")) > 0.75


def test_a_cloned_voice_leaves_the_frames_and_does_not_fit_them() -> None:
    real, cloned = clip_of("real"), clip_of("rtvc", fake_audio=True)
    np.testing.assert_array_equal(cloned.frames, real.frames)
    assert synchrony(cloned) < synchrony(real) - 0.3


def test_wav2lip_leaves_the_upper_face() -> None:
    real, repainted = clip_of("real"), clip_of("wav2lip")
    np.testing.assert_array_equal(repainted.frames[:, :120], real.frames[:, :120])


def test_wav2lip_follows_cloned_audio_and_no_real_audio() -> None:
    assert (
        synchrony(clip_of("wav2lip"))
        < synchrony(clip_of("wav2lip", fake_audio=True)) - 0.3
    )


@pytest.mark.parametrize("method", ["faceswap", "fsgan"])
def test_a_swap_changes_the_inner_face_alone(method: str) -> None:
    difference = clip_of(method).frames.astype(int) - clip_of("real").frames
    change = np.abs(difference).mean(axis=(0, 3))
    assert change[:40].max() < 1
    assert change[110:170, 90:166].mean() > 5


def test_a_cloned_voice_keeps_the_words_and_loses_high_frequencies() -> None:
    generator = np.random.default_rng(0)
    said = speak(random_voice(generator, "women"), SECONDS, generator)
    cloned = clone_voice(said.audio, generator)
    assert len(cloned) == len(said.audio)
    assert not cloned[:400].any()  # the silent head
    assert correlation(mouth_opening(cloned), said.opening) > 0.8
    assert energy_above_6_khz(cloned) < 0.5 * energy_above_6_khz(said.audio)


def test_the_same_arguments_give_the_same_clip() -> None:
    speaker = random_speaker(np.random.default_rng(1), "women")
    first, second = (
        generate_clip(speaker, 0.4, np.random.default_rng(5)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.audio, second.audio)


def test_a_forgery_of_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="method 'magic' is not one of real, rtvc"):
        Forgery("magic")


@pytest.mark.parametrize(
    "method", ["faceswap", "fsgan", "faceswap-wav2lip", "fsgan-wav2lip"]
)
def test_a_swap_without_another_speaker_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="needs another speaker"):
        Forgery(method)
