"""A plan: which forgery a window gets. It holds every choice, so that it can be repeated."""

from dataclasses import dataclass

import numpy as np

from avdf.model.forging.catalogue import forger
from avdf.model.forging.effect import check_effect
from avdf.model.forging.footage import Footage
from avdf.model.forging.part import only_part
from avdf.model.forging.recipe import Recipe
from avdf.model.verdicts import PerVerdict

LEAST_ROWS = 4  # that are forged where only a part is


@dataclass(frozen=True)
class ForgingPlan:
    """How one piece of footage is forged.

    forgers  their names, in the order in which they are applied
    entropy  of the random numbers that they take: the same plan makes the same forgery
    rows     the first forged row, and the one after the last; None: all rows

    Raises:
        ValueError: no forger, or fewer than 4 rows.
    """

    forgers: tuple[str, ...]
    entropy: tuple[int, ...]
    rows: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not self.forgers:
            raise ValueError("a forging plan without a forger")
        if self.rows is None:
            return
        first, stop = self.rows
        if first < 0 or stop - first < LEAST_ROWS:
            raise ValueError(
                f"rows {first} to {stop} are to be forged; at least {LEAST_ROWS} are needed"
            )

    @property
    def recipe(self) -> Recipe:
        """The forgers themselves.

        Raises:
            SettingsError: there is no such forger.
        """
        return Recipe(tuple(forger(name) for name in self.forgers))

    @property
    def labels(self) -> PerVerdict[int]:
        """Labels of the forged footage."""
        return self.recipe.labels

    def apply(self, footage: Footage) -> Footage:
        """The forged footage; the arrays of the genuine one stay as they are.

        Raises:
            CannotForge: a forger refuses it, or changes less than the labels say.
        """
        forged = footage
        for number, one in enumerate(self.recipe.forgers):
            # Each forger has its own random numbers: what one of them draws does not change what
            # the next one draws.
            generator = np.random.default_rng([*self.entropy, number])
            forged = one.change(forged, generator)
        if self.rows is not None:
            forged = only_part(footage, forged, self.rows)
        check_effect(footage, forged, self.labels, self.rows)
        return forged
