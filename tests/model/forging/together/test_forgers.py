"""Forgers that change what belongs together."""

from dataclasses import replace

import numpy as np
import pytest

from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.forging.together.forgers import TOGETHER_FORGERS
from avdf.model.verdicts import PerVerdict
from tests.helpers.voices import synthetic_voices, window_of

OTHER, SHIFTED, SPLICE = TOGETHER_FORGERS
RECORDINGS = synthetic_voices(2)


def moving(step: int, rows: int = 16) -> Footage:
    """Frames of which each is brighter than the one before by `step` levels."""
    window = window_of(RECORDINGS[0], 9_000, rows * 640)
    levels = (np.arange(rows) * step).astype(np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (rows, 8, 8, 3))
    return replace(window, frames=frames.copy())


def test_labels() -> None:
    assert [one.name for one in TOGETHER_FORGERS] == [
        "other_sound",
        "shifted_sound",
        "splice",
    ]
    apart = PerVerdict(visual=0, audio=0, video=1)
    assert [one.labels for one in TOGETHER_FORGERS] == [
        apart,
        apart,
        PerVerdict.same(1),
    ]
    assert [one.needs_other for one in TOGETHER_FORGERS] == [True, False, False]


def test_other_sound_is_as_loud_as_its_own() -> None:
    other = (RECORDINGS[1][5_000:15_240] // 4).astype(np.int16)
    footage = replace(window_of(RECORDINGS[0], 9_000), other=other)
    forged = OTHER.change(footage, np.random.default_rng(0))
    own, new = footage.pcm.astype(float), forged.pcm.astype(float)
    assert np.mean(new**2) == pytest.approx(np.mean(own**2), rel=0.01)
    assert np.corrcoef(new, other)[0, 1] > 0.999
    assert forged.frames is footage.frames


@pytest.mark.parametrize("level", [0, 2])
def test_other_sound_that_would_be_mostly_noise_is_refused(level: int) -> None:
    quiet = np.random.default_rng(0).integers(-level, level + 1, 10_240, np.int16)
    footage = replace(window_of(RECORDINGS[0], 0), other=quiet)
    with pytest.raises(CannotForge, match="too quiet"):
        OTHER.change(footage, np.random.default_rng(0))


def test_without_other_sound_nothing_is_made() -> None:
    with pytest.raises(CannotForge, match="needs the sound of another video"):
        OTHER.change(window_of(RECORDINGS[0], 0), np.random.default_rng(0))


@pytest.mark.parametrize("begin", [0, 1_600, 16_000, 36_160])
def test_shifted_sound_is_that_of_another_instant(begin: int) -> None:
    # Each sample is its own index.
    recording = np.arange(-24_000, 24_000 - 1_600, dtype=np.int16)
    footage = window_of(recording, begin)
    shifts = []
    for seed in range(60):
        forged = SHIFTED.change(footage, np.random.default_rng(seed))
        moved = forged.pcm.astype(int) - footage.pcm
        assert len(np.unique(moved)) == 1
        shifts.append(int(moved[0]))
    sizes = np.abs(shifts)
    assert sizes.min() >= 1_600
    assert sizes.max() <= 16_000
    # Both directions, wherever there is room for them.
    assert (min(shifts) < 0) == (begin > 1_600)
    assert max(shifts) > 0 or begin == 36_160


def test_short_recordings_cannot_be_shifted() -> None:
    alone = window_of(RECORDINGS[0][:10_240], 0)
    with pytest.raises(CannotForge, match=r"needs 0\.1 s of the recording"):
        SHIFTED.change(alone, np.random.default_rng(0))


def test_a_splice_copies_one_frame_of_both_streams() -> None:
    footage = moving(step=1)
    for seed in range(20):
        forged = SPLICE.change(footage, np.random.default_rng(seed))
        changed = (forged.frames != footage.frames).any(axis=(1, 2, 3))
        (target,) = np.flatnonzero(changed)
        source = int(forged.frames[target, 0, 0, 0])
        assert 5 <= abs(target - source) <= 10  # 12 would differ by 12 levels
        middle = slice(target * 640 + 32, target * 640 + 608)
        copied = slice(source * 640 + 32, source * 640 + 608)
        np.testing.assert_array_equal(forged.pcm[middle], footage.pcm[copied])
        outside = np.delete(forged.pcm, np.s_[target * 640 : target * 640 + 640])
        kept = np.delete(footage.pcm, np.s_[target * 640 : target * 640 + 640])
        np.testing.assert_array_equal(outside, kept)


@pytest.mark.parametrize("footage", [moving(step=3), window_of(RECORDINGS[0], 0, 3200)])
def test_frames_that_differ_or_are_too_few_cannot_be_spliced(footage: Footage) -> None:
    with pytest.raises(CannotForge, match="needs two frames"):
        SPLICE.change(footage, np.random.default_rng(0))


def test_every_window_of_a_long_clip_has_a_splice() -> None:
    """Of noise, no two samples of which are alike, so that every copied one differs."""
    generator = np.random.default_rng(5)
    pcm = generator.integers(-9000, 9000, 60 * 640, np.int16)
    footage = replace(moving(1, rows=60), pcm=pcm, around=pcm, begin=0)
    for seed in range(10):
        forged = SPLICE.change(footage, np.random.default_rng(seed))
        seen = (forged.frames != footage.frames).any(axis=(1, 2, 3))
        heard = (forged.pcm != footage.pcm).reshape(60, 640).mean(axis=1) > 0.9
        np.testing.assert_array_equal(seen, heard)
        windows = np.lib.stride_tricks.sliding_window_view(seen, 16).sum(axis=1)
        assert windows.min() >= 1 and windows.max() <= 4


def test_a_piece_that_stands_still_is_refused_with_its_time() -> None:
    footage = moving(1, rows=60)
    frames = footage.frames.copy()
    frames[20:58] = frames[20]
    with pytest.raises(CannotForge, match=r"needs around 1\.2 s two frames"):
        SPLICE.change(replace(footage, frames=frames), np.random.default_rng(0))


def test_a_pause_is_not_spliced() -> None:
    footage = moving(1)
    quiet = replace(footage, pcm=np.zeros_like(footage.pcm))
    with pytest.raises(CannotForge, match="sound that differs"):
        SPLICE.change(quiet, np.random.default_rng(0))
