"""A mouth that moves with the sound agrees with it, and others do not."""

import numpy as np
import pytest

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE, SAMPLES_PER_FRAME
from avdf.model.speaking.agreement import agreement, mouth_motions
from avdf.model.speaking.mouth import Frames, Mouths, join_mouths, mouths
from avdf.model.speaking.sound import sound_features

ROWS = 75


def loudness(seed: int, rows: int = ROWS) -> np.ndarray:
    """(rows,) of a voice with syllables of random length, in [0, 1]."""
    steps = np.random.default_rng(seed).uniform(size=rows // 3 + 1)
    return np.repeat(steps, 3)[:rows]


def voice(level: np.ndarray) -> Pcm:
    """A tone with overtones that is as loud as `level` says."""
    clock = np.arange(len(level) * SAMPLES_PER_FRAME) / SAMPLE_RATE
    tone = sum(np.sin(2 * np.pi * 150 * k * clock) / k for k in range(1, 20))
    loud = np.repeat(level**2, SAMPLES_PER_FRAME)
    return np.asarray(tone * loud * 6000, np.int16)


def faces(level: np.ndarray, seed: int, shift: float = 0.0) -> Frames:
    """(rows, 224, 224, 3) a textured face whose mouth opens as `level` says.

    Args:
        shift: pixels by which the head moves to and fro.
    """
    generator = np.random.default_rng(seed)
    texture = generator.uniform(60, 200, (28, 28)).repeat(8, 0).repeat(8, 1)
    rows = []
    for number, opening in enumerate(level):
        face = texture.copy()
        half = 2 + round(14 * float(opening))
        face[164 - half : 164 + half, 90:134] = 20
        moved = round(shift * np.sin(number / 4))
        noisy = np.roll(face, moved, axis=1) + generator.normal(0, 2, face.shape)
        rows.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(rows)[..., None].repeat(3, -1)


@pytest.mark.parametrize("shift", [0.0, 4.0])
def test_the_mouth_of_the_voice_agrees_more_than_another(shift: float) -> None:
    sound = sound_features(voice(loudness(1)))
    own = agreement(mouths(faces(loudness(1), 5, shift)), sound)
    other = agreement(mouths(faces(loudness(2), 6, shift)), sound)
    assert own > 0.4 and own - other > 0.3


def test_a_mouth_that_does_not_move_agrees_with_nothing() -> None:
    sound = sound_features(voice(loudness(1)))
    still = mouths(faces(np.zeros(ROWS), 7))
    assert agreement(still, sound) < 0.4


def test_the_mouth_stays_in_place_when_the_head_moves() -> None:
    """The mouth that is half open all the time changes hardly more in a head that moves."""
    level = np.full(ROWS, 0.5)
    still = np.diff(mouths(faces(level, 5)), axis=0)
    moving = np.diff(mouths(faces(level, 5, shift=4.0)), axis=0)
    assert np.abs(moving).mean() < 1.5 * np.abs(still).mean()


def test_brightness_and_loudness_do_not_matter() -> None:
    level = loudness(1)
    seen = faces(level, 5)
    darker = (seen.astype(np.float64) * 0.6).astype(np.uint8)
    loud, soft = voice(level), (voice(level) / 4).astype(np.int16)
    first = agreement(mouths(seen), sound_features(loud))
    second = agreement(mouths(darker), sound_features(soft))
    assert second == pytest.approx(first, abs=0.35)
    assert min(first, second) > 0.4


def test_silence_has_features_and_no_agreement() -> None:
    silence = np.zeros(ROWS * SAMPLES_PER_FRAME, np.int16)
    sound = sound_features(silence)
    assert sound.shape == (ROWS, 18) and np.isfinite(sound).all()
    assert agreement(mouths(faces(loudness(1), 5)), sound) == pytest.approx(0, abs=1e-6)


def test_sound_is_read_frame_by_frame() -> None:
    """A beep in one frame is loudest there, and the frames far from it stay silent."""
    pcm = np.zeros(20 * SAMPLES_PER_FRAME, np.int16)
    pcm[10 * SAMPLES_PER_FRAME : 11 * SAMPLES_PER_FRAME] = voice(np.ones(1))
    level = sound_features(pcm)[:, :16].mean(axis=1)
    assert int(level.argmax()) == 10
    assert level[:8].max() == level[13:].max() == level.min()


def test_too_few_frames_are_refused() -> None:
    seen: Mouths = np.zeros((47, 14, 20), np.float32)
    with pytest.raises(ValueError, match="at least 48"):
        agreement(seen, np.zeros((47, 18)))
    with pytest.raises(ValueError, match="as many of both"):
        agreement(np.zeros((60, 14, 20), np.float32), np.zeros((50, 18)))


def test_parts_of_a_track_are_joined() -> None:
    part = mouths(faces(loudness(1)[:5], 5))
    assert join_mouths([part, part]).shape == (10, 14, 20)
    assert join_mouths([]).shape == (0, 14, 20)


def test_motions_have_no_mean_and_a_first_change() -> None:
    motions = mouth_motions(mouths(faces(loudness(1), 5)))
    assert motions.shape == (ROWS, 9)
    assert np.abs(motions[:, :8].mean(axis=0)).max() < 1e-6
    assert motions[0, 8] == motions[1, 8]
