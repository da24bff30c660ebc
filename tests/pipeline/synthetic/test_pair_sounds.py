"""Sounds of genuine and of mismatched videos are alike: only what is seen with them differs."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scipy import stats

from avdf.cache.core.clock import FRAME_RATE
from avdf.pipeline.synthetic import PairOptions, pairs
from avdf.pipeline.synthetic.clip import SyntheticClip
from avdf.pipeline.synthetic.paired_person import paired_persons
from avdf.pipeline.synthetic.pairing import KINDS
from avdf.pipeline.synthetic.pairs import LEAD, clips_of
from avdf.pipeline.synthetic.speaker import Speaker
from avdf.pipeline.synthetic.voice import Waveform, speak

Sounds = dict[str, list[Waveform]]
Measure = Callable[[Waveform], float]


def clips_without_pictures(
    speaker: Speaker, seconds: float, generator: np.random.Generator
) -> SyntheticClip:
    """What `generate_clip` gives, with frames of one pixel: painting takes most of the time."""
    frames = np.zeros((round(seconds * FRAME_RATE), 1, 1, 3), np.uint8)
    return SyntheticClip(frames, speak(speaker.voice, seconds, generator).audio)


def by_kind() -> Sounds:
    """The sounds of 60 persons by kind."""
    options = PairOptions(persons=60, seconds=1.6, split="test")
    found: Sounds = {}
    for person in paired_persons(options):
        for _, pairing, clip in clips_of(person, options):
            found.setdefault(pairing.name, []).append(clip.audio)
    return found


@pytest.fixture(scope="module")
def sounds() -> Iterator[Sounds]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "generate_clip", clips_without_pictures)
        yield by_kind()


def loudness(audio: Waveform) -> float:
    return float(np.sqrt((audio**2).mean()))


def peak(audio: Waveform) -> float:
    return float(np.abs(audio).max())


def share_of_silence(audio: Waveform) -> float:
    return float((np.abs(audio) < 1e-3).mean())


def leading_silence(audio: Waveform) -> float:
    return float(np.argmax(np.abs(audio) > 0.01))


def trailing_silence(audio: Waveform) -> float:
    return leading_silence(audio[::-1])


def largest_jump(audio: Waveform) -> float:
    return float(np.abs(np.diff(audio)).max())


def alike(first: list[Waveform], second: list[Waveform], measure: Measure) -> float:
    """P that a measure of both is distributed alike (Kolmogorov and Smirnov)."""
    values = [[measure(audio) for audio in audios] for audios in (first, second)]
    return float(stats.ks_2samp(*values).pvalue)


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize(
    "measure",
    [
        loudness,
        peak,
        share_of_silence,
        leading_silence,
        trailing_silence,
        largest_jump,
    ],
)
def test_sounds_of_every_kind_are_like_genuine_ones(
    sounds: Sounds, kind: str, measure: Measure
) -> None:
    assert alike(sounds["genuine"], sounds[kind], measure) > 0.02


def test_without_the_lead_a_late_sound_would_begin_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The comparison above can fail: a take begins with a syllable, and so would a late sound."""
    monkeypatch.setattr(pairs, "generate_clip", clips_without_pictures)
    monkeypatch.setattr(pairs, "FIRST", pairs.FIRST - LEAD)
    found = by_kind()
    assert alike(found["genuine"], found["late_20"], leading_silence) < 0.01


def test_each_take_of_each_person_has_its_own_random_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_numbers: list[float] = []

    def note(
        speaker: Speaker, seconds: float, generator: np.random.Generator
    ) -> SyntheticClip:
        first_numbers.append(generator.random())
        return clips_without_pictures(speaker, seconds, generator)

    monkeypatch.setattr(pairs, "generate_clip", note)
    options = PairOptions(persons=20, seconds=0.04, kinds=("genuine",))
    for person in paired_persons(options):
        list(clips_of(person, options))
    assert len(first_numbers) == len(set(first_numbers)) == 40
