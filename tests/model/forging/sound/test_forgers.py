"""The forgers of sound: what each of them promises, on any length of speech."""

import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.model.forging.forger import Forger
from avdf.model.forging.sound import cepstral, griffin_lim, lpc, world
from avdf.model.forging.sound.forgers import SOUND_FORGERS
from avdf.model.forging.sound.resynthesis import Resynthesis
from avdf.model.verdicts import PerVerdict
from tests.helpers.voices import synthetic_voices, window_of

RECORDINGS = synthetic_voices(2)
NAMES = ["griffin_lim", "griffin_lim_stft", "lpc", "cepstral", "world"]


@pytest.fixture(params=SOUND_FORGERS, ids=lambda forger: forger.name)
def forger(request: pytest.FixtureRequest) -> Forger:
    one: Forger = request.param
    if one.name == "world":
        pytest.importorskip("pyworld")
    return one


def test_names_and_labels() -> None:
    assert [one.name for one in SOUND_FORGERS] == NAMES
    for one in SOUND_FORGERS:
        assert one.labels == PerVerdict(visual=0, audio=1, video=1)
        assert not one.needs_other


def test_a_forgery_repeats_with_its_seed_and_leaves_its_source(forger: Forger) -> None:
    footage = window_of(RECORDINGS[0].copy(), 9_000)
    first = forger.change(footage, np.random.default_rng(3))
    again = forger.change(footage, np.random.default_rng(3))
    other = forger.change(footage, np.random.default_rng(4))
    np.testing.assert_array_equal(footage.around, RECORDINGS[0])
    np.testing.assert_array_equal(first.pcm, again.pcm)
    assert (first.pcm != other.pcm).any()
    assert first.frames is footage.frames
    assert first.around is footage.around


@settings(max_examples=10)
@given(frames=st.integers(1, 40), seed=st.integers(0, 99), data=st.data())
@pytest.mark.parametrize("name", NAMES)
def test_any_length_keeps_its_length_and_loudness(
    name: str, frames: int, seed: int, data: Any
) -> None:
    if name == "world":
        pytest.importorskip("pyworld")
    forger = SOUND_FORGERS[NAMES.index(name)]
    recording = RECORDINGS[seed % 2]
    begin = data.draw(st.integers(0, len(recording) - 640 * frames))
    footage = window_of(recording, begin, 640 * frames)
    forged = forger.change(footage, np.random.default_rng(seed)).pcm
    assert forged.dtype == np.int16
    assert len(forged) == 640 * frames
    assert forged.std() == pytest.approx(footage.pcm.std(), rel=0.05, abs=1)


def test_silence_stays_silence(forger: Forger) -> None:
    silence = np.full(20_000, 7, np.int16)
    forged = forger.change(window_of(silence, 0), np.random.default_rng(0))
    np.testing.assert_array_equal(forged.pcm, 7)


@pytest.mark.parametrize(
    "synthesise",
    [
        griffin_lim.from_mel,
        griffin_lim.from_stft,
        lpc.resynthesise,
        cepstral.resynthesise,
        world.resynthesise,
    ],
)
def test_pitch_is_kept_but_not_the_waveform(synthesise: Resynthesis) -> None:
    pyworld = pytest.importorskip("pyworld")
    speech = RECORDINGS[0] / 32768
    spoken = synthesise(speech, 16_000, np.random.default_rng(0))
    pitch = [pyworld.harvest(one, 16_000)[0] for one in (speech, spoken)]
    voiced = (pitch[0] > 0) & (pitch[1] > 0)
    assert voiced.sum() > 0.7 * (pitch[0] > 0).sum()
    assert np.median(np.abs(pitch[1][voiced] / pitch[0][voiced] - 1)) < 0.06
    assert np.corrcoef(speech, spoken)[0, 1] < 0.97


def test_envelopes_are_alike_and_windows_have_no_edges(forger: Forger) -> None:
    # Of many windows, the loudness of each 20 ms: as in the source, at the ends too.
    ratios = []
    for seed in range(12):
        footage = window_of(RECORDINGS[seed % 2], 4_000 + 1_500 * seed)
        forged = forger.change(footage, np.random.default_rng(seed)).pcm
        blocks = [
            np.abs(one.reshape(-1, 320).astype(float)).mean(axis=1) + 20
            for one in (footage.pcm, forged)
        ]
        ratios.append(np.log(blocks[1] / blocks[0]))
    mean = np.abs(np.median(ratios, axis=0))
    assert max(mean[0], mean[-1]) < 0.7


def test_a_voice_leaves_no_offset_where_it_has_ended() -> None:
    """Pulses all have one sign: their offset would stay in the silence after the voice."""
    voice = synthetic_voices(1)[0][9_000:19_240] / 32768
    voice[3_400:] = 0.0
    spoken = lpc.resynthesise(voice, 16_000, np.random.default_rng(0))
    loud = np.abs(spoken[:3_400]).max()
    assert np.abs(spoken[5_000:]).max() < 1e-3 * loud


def test_without_pyworld_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyworld", None)
    with pytest.raises(SettingsError, match=r"pip install 'avdf\[forge\]'"):
        SOUND_FORGERS[NAMES.index("world")].change(
            window_of(RECORDINGS[0], 0), np.random.default_rng(0)
        )
