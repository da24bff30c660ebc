"""No simple figure of the sound may tell forged from genuine windows after augmentation of both.

A detector that finds such a figure learns nothing of forgeries: it is perfect in training, and
guesses on the work of others.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import SAMPLE_RATE, SEGMENT_SAMPLES
from avdf.model.augment.sound import augment_sound
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Change
from avdf.model.forging.sound.forgers import SOUND_FORGERS
from avdf.model.waveform import to_pcm, to_waveform
from tests.helpers.voices import recorded_voices, synthetic_voices, window_of

WINDOWS = 100
WAYS = 3  # in which each window is augmented
MOST = 0.6  # AUC

Values = npt.NDArray[np.float64]
Figure = Callable[[Values], float]


def power(samples: Values) -> tuple[Values, Values]:
    """The power spectrum of a window, and its frequencies in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return np.asarray(spectrum, np.float64), np.asarray(hertz, np.float64)


def loudness(samples: Values) -> float:
    return float(np.std(samples))


def leading_silence(samples: Values) -> float:
    """Samples before the first that reaches a twentieth of the peak."""
    level = np.abs(samples)
    return float(np.argmax(level > level.max() / 20))


def tilt(samples: Values) -> float:
    """The slope of the level over thirds of an octave, from 100 Hz on."""
    spectrum, hertz = power(samples)
    edges = 100 * 2 ** (np.arange(19) / 3)
    bands = [
        np.log(spectrum[(hertz >= low) & (hertz < high)].mean() + 1)
        for low, high in pairwise(edges)
    ]
    return float(np.polyfit(np.arange(len(bands)), bands, 1)[0])


def high_frequencies(samples: Values) -> float:
    """The share of the energy above 4 kHz."""
    spectrum, hertz = power(samples)
    return float(spectrum[hertz > 4000].sum() / spectrum.sum())


def crest(samples: Values) -> float:
    return float(np.abs(samples).max() / np.std(samples))


def offset(samples: Values) -> float:
    return float(samples.mean())


def zeros(samples: Values) -> float:
    return float(np.mean(samples == 0))


FIGURES: tuple[Figure, ...] = (
    loudness,
    leading_silence,
    tilt,
    high_frequencies,
    crest,
    offset,
    zeros,
)


def figures(windows: list[Pcm]) -> Values:
    """(windows, figures)"""
    return np.array(
        [[figure(pcm.astype(np.float64)) for figure in FIGURES] for pcm in windows]
    )


def separation(genuine: Values, forged: Values) -> dict[str, float]:
    """The AUC of each figure in the direction in which it separates better."""
    labels = np.repeat([0, 1], [len(genuine), len(forged)])
    both = np.concatenate([genuine, forged])
    found = {}
    for column, figure in enumerate(FIGURES):
        auc = roc_auc_score(labels, both[:, column])
        found[figure.__name__] = max(auc, 1 - auc)
    return found


class Windows:
    """Windows of some recordings, genuine and by any forger, each changed by `augment_sound`."""

    def __init__(self, recordings: list[Pcm]) -> None:
        generator = np.random.default_rng(11)
        self.footage = []
        for index in range(WINDOWS):
            recording = recordings[index % len(recordings)]
            begin = int(generator.integers(len(recording) - SEGMENT_SAMPLES))
            self.footage.append(window_of(recording, begin))
        self.genuine = augmented([one.pcm for one in self.footage], generator)

    def forged(self, change: Change, seed: int) -> Values:
        generator = np.random.default_rng(seed)
        forged = [change(one, generator).pcm for one in self.footage]
        return augmented(forged, generator)


def augmented(windows: list[Pcm], generator: np.random.Generator) -> Values:
    """Figures of windows that are augmented in several ways."""
    return figures([augment_sound(pcm, generator) for pcm in windows * WAYS])


@pytest.fixture(scope="module", params=["synthetic", "recorded"])
def windows(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Windows:
    if request.param == "synthetic":
        return Windows(synthetic_voices(20))
    media: Path = request.getfixturevalue("media")
    folder = tmp_path_factory.mktemp("voices")
    return Windows(recorded_voices(media / "clips", folder))


@pytest.fixture(scope="module")
def forged(windows: Windows) -> dict[str, Values]:
    pytest.importorskip("pyworld")
    return {
        forger.name: windows.forged(forger.change, seed)
        for seed, forger in enumerate(SOUND_FORGERS)
    }


@pytest.mark.parametrize("name", [*(forger.name for forger in SOUND_FORGERS), "mix"])
def test_no_figure_tells_forged_from_genuine(
    windows: Windows, forged: dict[str, Values], name: str
) -> None:
    mix = np.concatenate([*forged.values()])
    found = separation(windows.genuine, forged.get(name, mix))
    assert max(found.values()) <= MOST, found


def test_a_careless_forger_is_caught(windows: Windows) -> None:
    def muffle(footage: Footage, generator: np.random.Generator) -> Footage:
        """Quieter, and without what is above 3 kHz."""
        spectrum = np.fft.rfft(to_waveform(footage.pcm))
        spectrum[len(spectrum) * 3 // 8 :] = 0
        return replace(footage, pcm=to_pcm(np.fft.irfft(spectrum) * 0.25))

    found = separation(windows.genuine, windows.forged(muffle, seed=5))
    assert found["loudness"] > MOST
    assert found["high_frequencies"] > MOST
