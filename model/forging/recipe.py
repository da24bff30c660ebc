"""Recipes: one forger, or one of the picture and then one of the sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.forging.forger import Forger
from avdf.model.verdicts import PerVerdict

# Labels of the picture and of the sound of each kind of forgery.
PICTURE, SOUND = (FAKE, REAL), (REAL, FAKE)
BOTH, TOGETHER = (FAKE, FAKE), (REAL, REAL)
_KINDS = (PICTURE, SOUND, BOTH, TOGETHER)


@dataclass(frozen=True)
class Recipe:
    """Forgers that are applied one after another.

    Raises:
        ValueError: there is no forger.
    """

    forgers: tuple[Forger, ...]

    def __post_init__(self) -> None:
        if not self.forgers:
            raise ValueError("a recipe without a forger")

    @property
    def name(self) -> str:
        """`self_blend`, or `self_blend+lpc`."""
        return "+".join(forger.name for forger in self.forgers)

    @property
    def labels(self) -> PerVerdict[int]:
        """Labels of what it makes: a verdict is fake where one of its forgers makes it so."""
        every = [forger.labels for forger in self.forgers]
        return PerVerdict.of(lambda verdict: max(labels[verdict] for labels in every))

    @property
    def kind(self) -> tuple[int, int]:
        """Labels of the picture and of the sound."""
        return self.labels.visual, self.labels.audio

    @property
    def needs_other(self) -> bool:
        """Whether it needs the sound of another video."""
        return any(forger.needs_other for forger in self.forgers)


# The recipes of each kind of forgery that can be made; a kind without any is left out.
Recipes = tuple[tuple[Recipe, ...], ...]


def recipes(
    forgers: Sequence[Forger],
    has_picture: bool = True,
    has_sound: bool = True,
    has_other: bool = True,
) -> Recipes:
    """What can be made of footage, by kind: picture, sound, both, neither of them alone.

    Args:
        has_picture, has_sound: what the footage has. Without sound, only the picture can be
            forged, and without a picture only the sound.
        has_other: whether there is sound of another video.
    """
    single = [Recipe((forger,)) for forger in forgers]
    pairs = product(
        [one for one in single if one.kind == PICTURE],
        [one for one in single if one.kind == SOUND],
    )
    every = single + [Recipe(first.forgers + second.forgers) for first, second in pairs]
    possible = [
        recipe
        for recipe in every
        if (has_picture or recipe.kind == SOUND)
        and (has_sound or recipe.kind == PICTURE)
        and (has_other or not recipe.needs_other)
    ]
    by_kind = (
        tuple(recipe for recipe in possible if recipe.kind == kind) for kind in _KINDS
    )
    return tuple(kind for kind in by_kind if kind)
