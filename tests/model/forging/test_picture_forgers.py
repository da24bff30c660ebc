"""What the forgers of the picture have in common, and what each of them changes."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.labels import FAKE, REAL
from avdf.model.forging.forger import Forger
from avdf.model.forging.picture import PICTURE_FORGERS
from avdf.model.forging.picture.mouth_time import mouth_time
from avdf.model.forging.picture.smoothing import smoothing
from tests.helpers.face_windows import silent_footage, synthetic_windows

SIDE = 224
EACH = pytest.mark.parametrize("forger", PICTURE_FORGERS, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def window() -> UInt8Array:
    """One window (16, 224, 224, 3) of a talking face."""
    return synthetic_windows(8)[7]


def forge(forger: Forger, frames: UInt8Array, seed: int = 0) -> UInt8Array:
    generator = np.random.default_rng(seed)
    return forger.change(silent_footage(frames), generator).frames


def noise(count: int, side: int) -> UInt8Array:
    generator = np.random.default_rng([count, side])
    return generator.integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def test_names_are_fixed() -> None:
    """They stand in settings and tables."""
    names = [forger.name for forger in PICTURE_FORGERS]
    assert names == ["self_blend", "drift", "smoothing", "mouth_time"]


@EACH
def test_only_the_picture_is_fake(forger: Forger) -> None:
    assert tuple(forger.labels) == (FAKE, REAL, FAKE)
    assert not forger.needs_other


@EACH
def test_the_sound_stays(forger: Forger, window: UInt8Array) -> None:
    footage = silent_footage(window)
    forged = forger.change(footage, np.random.default_rng(0))
    assert forged.pcm is footage.pcm


@EACH
def test_the_same_seed_forges_the_same(forger: Forger, window: UInt8Array) -> None:
    first = forge(forger, window, seed=3)
    np.testing.assert_array_equal(first, forge(forger, window, seed=3))
    assert (first != forge(forger, window, seed=4)).any()


@EACH
def test_what_is_given_stays_as_it_is(forger: Forger, window: UInt8Array) -> None:
    given_frames = window.copy()
    # A view of an archive may be read-only.
    given_frames.setflags(write=False)
    forged = forge(forger, given_frames)
    np.testing.assert_array_equal(given_frames, window)
    assert not np.shares_memory(forged, given_frames)


@EACH
@settings(max_examples=15)
@given(st.integers(1, 20), st.integers(16, 80), st.integers(0, 1000))
def test_any_number_of_frames_of_any_size(
    forger: Forger, count: int, side: int, seed: int
) -> None:
    frames = noise(count, side)
    forged = forge(forger, frames, seed)
    assert (forged.shape, forged.dtype) == (frames.shape, frames.dtype)


@EACH
def test_a_single_frame_is_forged_too(forger: Forger, window: UInt8Array) -> None:
    for seed in range(5):
        assert (forge(forger, window[4:5], seed) != window[4:5]).any()


@EACH
def test_the_face_changes(forger: Forger, window: UInt8Array) -> None:
    """In the middle of the lower face, in most frames."""
    mouth = np.s_[:, 130:190, 80:144]
    for seed in range(6):
        forged = forge(forger, window, seed)
        changed = (forged[mouth] != window[mouth]).mean(axis=(1, 2, 3))
        assert (changed > 0.05).mean() >= 0.5


@EACH
def test_hair_and_background_stay(forger: Forger, window: UInt8Array) -> None:
    """Unless the target of a self-blended face is changed, of which all pixels are."""
    border = np.ones((SIDE, SIDE), bool)
    border[25:, 22:-22] = False
    stayed = [
        bool((forge(forger, window, seed)[:, border] == window[:, border]).all())
        for seed in range(8)
    ]
    assert any(stayed) if forger.name == "self_blend" else all(stayed)


def test_one_self_blended_face_for_all_frames(window: UInt8Array) -> None:
    """A clip that stands still does so after forging, for as long as it lasts."""
    (forger,) = (one for one in PICTURE_FORGERS if one.name == "self_blend")
    still = np.repeat(window[:1], 5, axis=0)
    for seed in range(8):
        forged = forge(forger, still, seed)
        assert (forged == forged[:1]).all()
        np.testing.assert_array_equal(forged[:1], forge(forger, window[:1], seed))


def test_drifting_features_drift(window: UInt8Array) -> None:
    """A clip that stands still moves, less from frame to frame than over many frames."""
    (forger,) = (one for one in PICTURE_FORGERS if one.name == "drift")
    still = np.repeat(window[:1], 30, axis=0)
    near, far = [], []
    for seed in range(6):
        forged = forge(forger, still, seed).astype(float)
        near.append(np.abs(forged[1:] - forged[:-1]).mean())
        far.append(np.abs(forged[15:] - forged[:-15]).mean())
    assert 0 < np.mean(near) < 0.8 * np.mean(far)


def moving_squares() -> UInt8Array:
    """A clip whose mouth is a large field of one grey level, which differs in each frame."""
    frames = np.full((16, SIDE, SIDE, 3), 90, np.uint8)
    levels = np.random.default_rng(5).integers(40, 200, 16)
    frames[:, 110:210, 60:164] = levels[:, None, None, None]
    return frames


def centres(frames: UInt8Array) -> npt.NDArray[np.float64]:
    """The level in the middle of the mouth of each frame."""
    return frames[:, 161, 112, 0].astype(float)


def smoothed(levels: npt.NDArray[np.float64], share: float, times: int) -> Any:
    """Each level blended with the mean of three, so many times, by a plain loop."""
    for _ in range(times):
        new = levels.copy()
        for t in range(1, len(levels) - 1):
            mean = (levels[t - 1] + levels[t] + levels[t + 1]) / 3
            new[t] = (1 - share) * levels[t] + share * mean
        levels = new
    return levels


@pytest.mark.parametrize("seed", range(6))
def test_smoothing_is_a_repeated_mean_of_three(seed: int) -> None:
    frames = moving_squares()
    levels = centres(frames)
    forged = centres(smoothing(frames, np.random.default_rng(seed)))
    inner = slice(3, -3)
    # Of all shares and repetitions that may have been drawn, one explains all frames.
    errors = {
        (share, times): np.abs(smoothed(levels, share, times) - forged)[inner].max()
        for share in np.linspace(0.55, 0.8, 51)
        for times in (1, 2, 3)
    }
    assert min(errors.values()) <= 1.5


def test_smoothing_keeps_fine_detail() -> None:
    """The noise of each frame remains its own."""
    generator = np.random.default_rng(1)
    base = generator.integers(60, 190, (1, SIDE, SIDE, 3))
    frames = (base + generator.integers(-20, 21, (16, SIDE, SIDE, 3))).astype(np.uint8)
    forged = smoothing(frames, generator)
    mouth = np.s_[:, 150:172, 90:134]
    before, after = frames[mouth].astype(float), forged[mouth].astype(float)
    noise_before = (before - before.mean(axis=0)).std()
    assert (after - after.mean(axis=0)).std() > 0.9 * noise_before


@pytest.mark.parametrize("seed", range(6))
def test_a_mouth_comes_from_one_or_two_frames_away(seed: int) -> None:
    frames = moving_squares()
    levels = centres(frames)
    forged = centres(mouth_time(frames, np.random.default_rng(seed)))
    full = {
        shift
        for shift in (-2, -1, 1, 2)
        if (forged[2:-2] == np.roll(levels, -shift)[2:-2]).sum() >= 3
    }
    assert len(full) == 1
    # Where the gate is half open, between the two.
    (shift,) = full
    other = np.roll(levels, -shift)[2:-2]
    low = np.minimum(other, levels[2:-2]) - 1
    high = np.maximum(other, levels[2:-2]) + 1
    assert ((low <= forged[2:-2]) & (forged[2:-2] <= high)).all()
