"""Recipes and plans: which forgery a piece of footage gets."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.forging.catalogue import FORGERS as ALL_FORGERS
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Forger
from avdf.model.forging.plan import ForgingPlan
from avdf.model.forging.planner import Planner
from avdf.model.forging.recipe import recipes
from avdf.model.verdicts import PerVerdict
from tests.helpers.plain_forgers import (
    BRIGHT,
    FORGERS,
    LOUD,
    OTHER,
    genuine_footage,
)

ROWS = 16


@pytest.fixture(autouse=True)
def _plain_forgers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avdf.model.forging.catalogue.FORGERS", FORGERS)


def names(forgers: tuple[Forger, ...], **known: bool) -> set[str]:
    return {recipe.name for kind in recipes(forgers, **known) for recipe in kind}


def test_picture_and_sound_are_also_forged_together() -> None:
    assert names((BRIGHT, LOUD)) == {"bright", "loud", "bright+loud"}


def test_a_combination_is_fake_where_one_of_its_forgers_is() -> None:
    found = {recipe.name: recipe for kind in recipes((BRIGHT, LOUD)) for recipe in kind}
    assert found["bright"].labels == PerVerdict(visual=1, audio=0, video=1)
    assert found["loud"].labels == PerVerdict(visual=0, audio=1, video=1)
    assert found["bright+loud"].labels == PerVerdict.same(1)


def test_without_sound_only_the_picture_is_forged() -> None:
    assert names(FORGERS, has_sound=False) == {"bright"}


def test_without_a_picture_only_the_sound_is_forged() -> None:
    assert names(FORGERS, has_picture=False) == {"loud"}


def test_without_another_video_its_sound_is_not_taken() -> None:
    assert "other" not in names(FORGERS, has_other=False)
    assert "other" in names(FORGERS)


def test_kinds_are_equally_frequent() -> None:
    """One forger of the picture and four of the sound: 1, 4, 4 and 1 recipes."""
    sounds = tuple(replace(LOUD, name=f"loud{number}") for number in range(4))
    planner = Planner((BRIGHT, *sounds, OTHER))
    possible = planner.recipes(True, True, True)
    kinds: Counter[str] = Counter()
    for seed in range(2000):
        plan = planner.plan(possible, ROWS, (seed,))
        assert plan is not None
        kinds["+".join(name.rstrip("0123") for name in plan.forgers)] += 1
    assert set(kinds) == {"bright", "loud", "bright+loud", "other"}
    # Binomial with n = 2000, p = 1/4: 5 standard deviations are 97.
    assert all(abs(count - 500) < 97 for count in kinds.values())


def test_three_of_ten_plans_forge_a_part_of_at_least_four_rows() -> None:
    planner = Planner((BRIGHT, LOUD))
    possible = planner.recipes(True, True, True)
    parts = []
    for seed in range(2000):
        plan = planner.plan(possible, ROWS, (seed,))
        assert plan is not None
        parts.append(plan.rows)
    lengths = [part[1] - part[0] for part in parts if part]
    # 5 standard deviations of a binomial distribution with n = 2000, p = 0.3.
    assert abs(len(lengths) - 600) < 103
    assert (min(lengths), max(lengths)) == (4, 15)
    assert all(part[0] >= 0 and part[1] <= ROWS for part in parts if part)


@pytest.mark.parametrize("forger", [one for one in ALL_FORGERS if not one.divisible])
def test_no_part_of_what_cannot_be_divided(forger: Forger) -> None:
    planner = Planner((forger,))
    possible = planner.recipes(True, True, True)
    plans = [planner.plan(possible, ROWS, (seed,)) for seed in range(50)]
    assert all(plan is not None and plan.rows is None for plan in plans)


def test_sound_that_is_genuine_but_elsewhere_is_never_spliced_into_a_part() -> None:
    """The cut would stand in sound that is labelled genuine."""
    together = [
        one for one in ALL_FORGERS if one.labels.audio == one.labels.visual == 0
    ]
    assert together and not any(one.divisible for one in together)


def test_no_plan_where_nothing_is_possible() -> None:
    assert Planner((LOUD,)).plan((), ROWS, (1,)) is None


@given(st.integers(0, 2**32))
def test_the_same_seeds_give_the_same_plan(seed: int) -> None:
    planner = Planner(FORGERS)
    possible = planner.recipes(True, True, True)
    first = planner.plan(possible, ROWS, (seed, 3))
    assert first == planner.plan(possible, ROWS, (seed, 3))


def test_a_plan_forges_and_leaves_the_genuine_footage_alone() -> None:
    footage = genuine_footage(ROWS)
    before = footage.frames.copy(), footage.pcm.copy()
    forged = ForgingPlan(("bright", "loud"), (1,)).apply(footage)
    assert np.array_equal(forged.frames, before[0] + 50)
    assert np.array_equal(forged.pcm, before[1] * 2)
    assert np.array_equal(footage.frames, before[0])
    assert np.array_equal(footage.pcm, before[1])


def test_a_part_leaves_the_other_rows_alone() -> None:
    footage = genuine_footage(ROWS)
    forged = ForgingPlan(("bright", "loud"), (1,), (4, 9)).apply(footage)
    changed = [
        not np.array_equal(one, other)
        for one, other in zip(forged.frames, footage.frames, strict=True)
    ]
    assert changed == [4 <= row < 9 for row in range(ROWS)]
    first, stop = 4 * 640, 9 * 640
    assert np.array_equal(forged.pcm[:first], footage.pcm[:first])
    assert np.array_equal(forged.pcm[stop:], footage.pcm[stop:])
    # Between the fades of 2 ms.
    inner = slice(first + 32, stop - 32)
    assert np.array_equal(forged.pcm[inner], 2 * footage.pcm[inner])


def test_what_one_forger_draws_does_not_change_the_next_one() -> None:
    def noisy(footage: Footage, generator: np.random.Generator) -> Footage:
        generator.random(7)
        return footage

    def drawn(footage: Footage, generator: np.random.Generator) -> Footage:
        level = int(generator.integers(100, 9000))
        return replace(footage, pcm=footage.pcm + np.int16(level))

    quiet = replace(LOUD, name="quiet", change=lambda footage, _: footage)
    loud = replace(LOUD, name="drawn", change=drawn)
    with pytest.MonkeyPatch.context() as patch:
        every = (quiet, replace(LOUD, name="noisy", change=noisy), loud)
        patch.setattr("avdf.model.forging.catalogue.FORGERS", every)
        footage = genuine_footage(ROWS)
        after_none = ForgingPlan(("quiet", "drawn"), (5,)).apply(footage)
        after_some = ForgingPlan(("noisy", "drawn"), (5,)).apply(footage)
    assert np.array_equal(after_none.pcm, after_some.pcm)


@pytest.mark.parametrize("rows", [(0, 3), (-1, 5), (9, 9)])
def test_a_part_of_too_few_rows_is_refused(rows: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="rows"):
        ForgingPlan(("bright",), (1,), rows)
