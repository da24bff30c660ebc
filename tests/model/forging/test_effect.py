"""A forgery must change what its labels call fake."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.catalogue import FORGERS
from avdf.model.forging.effect import check_effect, is_seen
from avdf.model.forging.footage import Footage
from avdf.model.forging.plan import ForgingPlan
from avdf.model.verdicts import PerVerdict
from tests.helpers.plain_forgers import genuine_footage

ROWS = 16
PICTURE = PerVerdict(visual=1, audio=0, video=1)
SOUND = PerVerdict(visual=0, audio=1, video=1)
TOGETHER = PerVerdict(visual=0, audio=0, video=1)
FOOTAGE = genuine_footage(ROWS)


def silenced(footage: Footage, first: int, stop: int) -> Footage:
    """The same with silence in some rows."""
    pcm = footage.pcm.copy()
    pcm[first * 640 : stop * 640] = 30
    return replace(footage, pcm=pcm, around=pcm)


def still() -> Footage:
    """One frame again and again."""
    frames = np.repeat(FOOTAGE.frames[:1], ROWS, axis=0)
    return replace(FOOTAGE, frames=frames)


@pytest.mark.parametrize("labels", [PICTURE, PerVerdict.same(1)])
def test_a_picture_that_is_fake_has_changed(labels: PerVerdict[int]) -> None:
    forged = replace(FOOTAGE, pcm=FOOTAGE.pcm // 2)
    with pytest.raises(CannotForge, match="nothing can be seen"):
        check_effect(FOOTAGE, forged, labels)


@given(st.integers(0, 224), st.integers(0, 9))
def test_enough_pixels_must_change_enough(side: int, levels: int) -> None:
    """A square of the frames becomes brighter."""
    frames = FOOTAGE.frames.copy()
    frames[:, :side, :side] += np.uint8(levels)
    forged = replace(FOOTAGE, frames=frames)
    if levels > 2 and side**2 >= 0.002 * 224**2:
        check_effect(FOOTAGE, forged, PICTURE)
    else:
        with pytest.raises(CannotForge, match="nothing can be seen"):
            check_effect(FOOTAGE, forged, PICTURE)


@given(st.integers(0, 1000), st.floats(0.001, 0.2))
def test_a_pixel_counts_by_its_most_changed_colour(seed: int, least: float) -> None:
    """Beside the plain formula, for pixels of which one in ten changes by up to 5 levels."""
    generator = np.random.default_rng(seed)
    one = FOOTAGE.frames[:3, :40, :40]
    change = generator.integers(-5, 6, one.shape) * (generator.random(one.shape) < 0.1)
    other = np.clip(one + change, 0, 255).astype(np.uint8)
    largest = np.abs(one.astype(int) - other).max(axis=-1)
    assert is_seen(one, other, least) == ((largest > 2).mean() >= least)


@pytest.mark.parametrize("labels", [SOUND, TOGETHER, PerVerdict.same(1)])
@pytest.mark.parametrize("what", ["genuine", "forged"])
def test_silence_is_neither_forged_nor_a_forgery(
    what: str, labels: PerVerdict[int]
) -> None:
    frames = 255 - FOOTAGE.frames
    quiet, loud = silenced(FOOTAGE, 0, ROWS), FOOTAGE
    genuine, sound = (quiet, loud) if what == "genuine" else (loud, quiet)
    forged = replace(genuine, frames=frames, pcm=sound.pcm)
    with pytest.raises(CannotForge, match=f"the {what} sound is silent"):
        check_effect(genuine, forged, labels)


def test_the_picture_alone_may_be_forged_in_a_pause() -> None:
    genuine = silenced(FOOTAGE, 0, ROWS)
    check_effect(genuine, replace(genuine, frames=255 - FOOTAGE.frames), PICTURE)


def test_only_the_forged_rows_count() -> None:
    genuine = silenced(FOOTAGE, 9, 14)
    forged = replace(genuine, pcm=genuine.pcm // 2)
    check_effect(genuine, forged, SOUND, (0, 9))
    with pytest.raises(CannotForge, match="silent"):
        check_effect(genuine, forged, SOUND, (9, 14))


def test_a_change_that_nobody_hears_is_refused() -> None:
    forged = replace(FOOTAGE, pcm=FOOTAGE.pcm + np.int16(20))
    with pytest.raises(CannotForge, match="nothing can be heard"):
        check_effect(FOOTAGE, forged, SOUND)


@pytest.mark.parametrize("name", ["smoothing", "mouth_time"])
def test_a_picture_that_stands_still_is_not_forged_by_time(name: str) -> None:
    with pytest.raises(CannotForge, match="nothing can be seen"):
        ForgingPlan((name,), (1,)).apply(still())


@pytest.mark.parametrize("name", ["griffin_lim", "lpc", "other_sound"])
def test_a_part_without_sound_is_not_forged(name: str) -> None:
    """Sound in the first rows alone, and a plan for the last ones."""
    footage = silenced(FOOTAGE, 6, ROWS)
    with pytest.raises(CannotForge, match="silent"):
        ForgingPlan((name,), (1,), (9, 14)).apply(footage)


@pytest.mark.parametrize("level", [0, 30])
def test_silence_of_another_video_is_not_taken(level: int) -> None:
    quiet = np.full(ROWS * 640, level, np.int16)
    quiet[::7] = -level
    with pytest.raises(CannotForge):
        ForgingPlan(("other_sound",), (1,)).apply(replace(FOOTAGE, other=quiet))


def test_every_forger_passes_on_footage_that_moves_and_speaks() -> None:
    for forger in FORGERS:
        if forger.name in ("world", "splice", "shifted_sound", "smoothing"):
            continue
        ForgingPlan((forger.name,), (1,)).apply(FOOTAGE)
