"""Which forgery a piece of footage gets: a random choice that depends on its seeds alone."""

from collections.abc import Sequence

import numpy as np

from avdf.model.forging.forger import Forger
from avdf.model.forging.plan import LEAST_ROWS, ForgingPlan
from avdf.model.forging.recipe import Recipe, Recipes, recipes

_PART_SHARE = 0.3  # of the plans that forge only a part, where that is possible


class Planner:
    """Makes plans with some forgers."""

    def __init__(self, forgers: Sequence[Forger]) -> None:
        self._forgers = tuple(forgers)
        self._known: dict[tuple[bool, bool, bool], Recipes] = {}

    def recipes(self, has_picture: bool, has_sound: bool, has_other: bool) -> Recipes:
        """What can be made of such footage; see `avdf.model.forging.recipe.recipes`."""
        key = has_picture, has_sound, has_other
        if key not in self._known:
            self._known[key] = recipes(self._forgers, *key)
        return self._known[key]

    def plan(
        self, possible: Recipes, rows: int, entropy: Sequence[int]
    ) -> ForgingPlan | None:
        """A plan for footage of `rows` rows; None where nothing is possible.

        The kinds are equally frequent, whatever number of recipes each has: otherwise nearly all
        forgeries would be of picture and sound, which has the most recipes.

        Args:
            possible: recipes by kind.
            entropy: the seeds, not negative.
        """
        if not possible:
            return None
        generator = np.random.default_rng([*entropy, 0])
        kind = possible[int(generator.integers(len(possible)))]
        recipe = kind[int(generator.integers(len(kind)))]
        part = _part(recipe, rows, generator)
        return plan_of(recipe, entropy, part)


def plan_of(
    recipe: Recipe, entropy: Sequence[int], rows: tuple[int, int] | None = None
) -> ForgingPlan:
    """A plan with a given recipe."""
    names = tuple(forger.name for forger in recipe.forgers)
    return ForgingPlan(names, (*entropy, 1), rows)


def _part(
    recipe: Recipe, rows: int, generator: np.random.Generator
) -> tuple[int, int] | None:
    """The rows that are forged, at least 4; None for all of them."""
    is_part = generator.random() < _PART_SHARE
    divisible = all(forger.divisible for forger in recipe.forgers)
    if not is_part or not divisible or rows <= LEAST_ROWS:
        return None
    count = int(generator.integers(LEAST_ROWS, rows))
    first = int(generator.integers(rows - count + 1))
    return first, first + count
