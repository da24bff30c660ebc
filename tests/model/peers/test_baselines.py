"""The baselines that are shipped: what they measure, what they refuse, and what they tell apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from avdf.model.peers.footage import PeerExample, PeerFootage, PeerTrack
from avdf.model.peers.mouth_motion import MouthMotion
from avdf.model.peers.picture_detail import PictureDetail
from avdf.model.peers.sound_spectrum import SoundSpectrum
from avdf.model.verdicts import PerVerdict
from tests.helpers.talking import faces, loudness, voice

SIDE = 64


def window(seed: int, blurred: bool = False, toned: bool = False) -> PeerFootage:
    """A window of noise: its picture blurred or not, its sound with a band removed or not."""
    random = np.random.default_rng(seed)
    picture = random.normal(128, 40, (16, SIDE, SIDE, 3))
    if blurred:
        for axis in (1, 2):
            picture = (picture + np.roll(picture, 1, axis)) / 2
    sound = random.normal(0, 3000, 10240)
    if toned:
        sound = np.asarray(lfilter([1, 1], [1], sound))
    frames = picture.clip(0, 255).astype(np.uint8)
    return PeerFootage((PeerTrack(0.0, frames, sound.astype(np.int16)),))


def examples(count: int) -> list[PeerExample]:
    """Windows, every second of them blurred, toned and labelled fake."""
    found = []
    for seed in range(count):
        fake = seed % 2
        labels = PerVerdict(fake, fake, fake)
        found.append(PeerExample(window(seed, bool(fake), bool(fake)), labels))
    return found


@pytest.mark.parametrize("make", [PictureDetail, SoundSpectrum])
def test_a_baseline_learns_what_tells_windows_apart(
    make: type[PictureDetail | SoundSpectrum],
) -> None:
    baseline = make()
    baseline.fit(iter(examples(12)))
    name = baseline.verdict
    unseen = [window(100), window(101, True, True), window(102)]
    answers = baseline.score(unseen)
    found = [answer[name] for answer in answers]
    assert found[0] is not None and found[1] is not None and found[2] is not None
    assert max(found[0], found[2]) < 0.5 < found[1]
    assert [answer.video for answer in answers] == found
    other = "audio" if name == "visual" else "visual"
    assert answers[0][other] is None  # type: ignore[index]
    assert "fitted on 6 real and 6 fake training windows" in str(baseline.describe())


@pytest.mark.parametrize("make", [PictureDetail, SoundSpectrum])
def test_a_baseline_needs_both_classes(
    make: type[PictureDetail | SoundSpectrum],
) -> None:
    with pytest.raises(ValueError, match="there are 2 real and 0 fake"):
        make().fit(examples(4)[::2])
    with pytest.raises(ValueError, match="was not fitted"):
        make().score([window(0)])


def test_windows_without_the_part_are_neither_learned_nor_judged() -> None:
    baseline = SoundSpectrum()
    silent = PeerFootage(window(0).tracks, has_sound=False)
    hidden = [PeerExample(silent, PerVerdict(1, 1, 1)) for _ in range(3)]
    baseline.fit([*examples(6), *hidden])
    assert "3 real and 3 fake" in str(baseline.describe())
    assert baseline.score([silent]) == [PerVerdict(None, None, None)]


@settings(max_examples=20)
@given(level=st.integers(0, 255), side=st.integers(16, 80))
def test_a_flat_picture_has_finite_measures(level: int, side: int) -> None:
    frames = np.full((16, side, side, 3), level, np.uint8)
    footage = PeerFootage((PeerTrack(0.0, frames, np.zeros(10240, np.int16)),))
    measures = PictureDetail().measures(footage)
    assert measures.shape == (13,) and np.isfinite(measures).all()
    sound = SoundSpectrum().measures(footage)
    assert sound.shape == (36,) and np.isfinite(sound).all()


def test_loudness_is_no_measure_of_the_sound() -> None:
    loud = window(3)
    (track,) = loud.tracks
    soft = PeerFootage((PeerTrack(0.0, track.frames, track.pcm // 4),))
    measured = SoundSpectrum()
    np.testing.assert_allclose(
        measured.measures(loud), measured.measures(soft), atol=0.05
    )


def test_blur_lowers_the_highest_frequencies() -> None:
    sharp = PictureDetail().measures(window(5))
    soft = PictureDetail().measures(window(5, blurred=True))
    assert soft[7] < sharp[7] - 0.5 and soft[0] > sharp[0]


def talking(seen: int, heard: int, rows: int = 75) -> PeerTrack:
    """A face that speaks what one seed says, with the voice of another seed."""
    frames = faces(loudness(seen, rows), 5)
    return PeerTrack(0.0, frames, voice(loudness(heard, rows)))


def test_a_mouth_with_another_sound_does_not_belong_to_it() -> None:
    own, other = MouthMotion().score(
        [PeerFootage((talking(1, 1),)), PeerFootage((talking(1, 2),))]
    )
    assert own.video is not None and other.video is not None
    assert own.video < 0.2 and other.video > 0.5
    assert own.visual is None and own.audio is None


def test_what_is_too_short_silent_or_unseen_is_not_examined() -> None:
    short = PeerFootage((talking(1, 1, 47), talking(1, 1, 30)))
    silent = PeerFootage((talking(1, 1),), has_sound=False)
    unseen = PeerFootage((talking(1, 1),), has_picture=False)
    nothing = PerVerdict(None, None, None)
    assert MouthMotion().score([short, silent, unseen]) == [nothing] * 3


def test_short_tracks_do_not_change_the_verdict_of_a_long_one() -> None:
    alone = PeerFootage((talking(1, 1),))
    beside = PeerFootage((talking(3, 4, 40), talking(1, 1)))
    first, second = MouthMotion().score([alone, beside])
    assert first == second
