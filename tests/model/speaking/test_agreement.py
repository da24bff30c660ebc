"""A mouth that moves with the sound agrees with it, and others do not."""

import numpy as np
import pytest

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.model.speaking.agreement import agreement, mouth_motions
from avdf.model.speaking.mouth import Mouths, mouths
from avdf.model.speaking.sound import sound_features
from tests.helpers.talking import ROWS, faces, loudness, voice


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


def test_a_darker_face_and_a_softer_voice_still_agree() -> None:
    level = loudness(1)
    seen = faces(level, 5)
    darker = (seen.astype(np.float64) * 0.6).astype(np.uint8)
    loud, soft = voice(level), (voice(level) / 4).astype(np.int16)
    first = agreement(mouths(seen), sound_features(loud))
    second = agreement(mouths(darker), sound_features(soft))
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


def test_no_frames_have_no_mouths() -> None:
    assert mouths(np.empty((0, 224, 224, 3), np.uint8)).shape == (0, 14, 20)


def test_motions_have_no_mean_and_a_first_change() -> None:
    motions = mouth_motions(mouths(faces(loudness(1), 5)))
    assert motions.shape == (ROWS, 9)
    assert np.abs(motions[:, :8].mean(axis=0)).max() < 1e-6
    assert motions[0, 8] == motions[1, 8]
