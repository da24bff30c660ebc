"""The synthetic dataset: its layout, and that each kind of fake really is one."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from avdf.pipeline.sources import list_videos
from avdf.pipeline.synthetic import draw_fakeavceleb
from avdf.pipeline.synthetic.clip import Clip, draw_speaker, film
from avdf.pipeline.synthetic.voice import Sound, clone, draw_voice, mouth_opening, speak


def shoot(method: str, fake_audio: bool = False) -> Clip:
    speaker, other = (draw_speaker(np.random.default_rng(seed), "men") for seed in (1, 2))
    return film(speaker, other, method, fake_audio, 2.0, np.random.default_rng(3))


def darkness_of_mouth(clip: Clip) -> Sound:
    return np.asarray(255.0 - clip.frames[:, 150:200, 100:156].mean(axis=(1, 2, 3)), np.float64)


def correlation(first: Sound, second: Sound) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def in_step(clip: Clip) -> float:
    """How well the mouth follows the sound: correlation over the frames."""
    return correlation(darkness_of_mouth(clip), mouth_opening(clip.sound))


def test_a_real_mouth_follows_its_sound() -> None:
    real = shoot("real")
    assert in_step(real) > 0.75


def test_a_cloned_voice_over_a_real_picture_does_not_fit() -> None:
    real, cloned = shoot("real"), shoot("rtvc", fake_audio=True)
    np.testing.assert_array_equal(cloned.frames, real.frames)
    assert in_step(cloned) < in_step(real) - 0.3


def test_wav2lip_moves_the_mouth_to_other_words() -> None:
    redrawn, synced = shoot("wav2lip"), shoot("wav2lip", fake_audio=True)
    real = shoot("real")
    np.testing.assert_array_equal(redrawn.frames[:, :120], real.frames[:, :120])
    assert in_step(redrawn) < in_step(synced) - 0.3


@pytest.mark.parametrize("method", ["faceswap", "fsgan"])
def test_a_swap_changes_the_inner_face_alone(method: str) -> None:
    change = np.abs(shoot(method).frames.astype(int) - shoot("real").frames).mean(axis=(0, 3))
    assert change[:40].max() < 1 and change[110:170, 90:166].mean() > 5


def test_a_clone_keeps_the_words_and_loses_the_rest() -> None:
    generator = np.random.default_rng(0)
    said = speak(draw_voice(generator, "women"), 2.0, generator)
    made = clone(said.sound, generator)
    assert len(made) == len(said.sound) and not made[:400].any()
    assert correlation(mouth_opening(made), said.opening) > 0.8
    spectra = [np.abs(np.fft.rfft(sound))[12000:] for sound in (said.sound, made)]  # above 6 kHz
    assert spectra[1].sum() < 0.5 * spectra[0].sum()


def test_the_dataset_is_fakeavceleb_in_small(tmp_path: Path) -> None:
    assert draw_fakeavceleb(tmp_path, identities=1, seconds=0.4) == 80
    listing = list_videos([tmp_path])
    assert listing.dataset == "fakeavceleb" and len(listing.videos) == 80 and not listing.unlisted
    assert "2 files are listed twice" in listing.notes[0]
    assert Counter(video.split for video in listing.videos) == {"train": 48, "val": 16, "test": 16}
    assert all(video.file.stat().st_size > 1000 for video in listing.videos)
    assert len({video.identity for video in listing.videos}) == 10
