"""All forgers by name, and those that the settings of a run ask for."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.util import find_spec

from avdf.cache.core.errors import SettingsError
from avdf.model.forging.forger import Forger
from avdf.model.forging.picture.forgers import PICTURE_FORGERS
from avdf.model.forging.sound.forgers import SOUND_FORGERS
from avdf.model.forging.together.forgers import TOGETHER_FORGERS

# In the order of tables: picture, sound, both.
FORGERS: tuple[Forger, ...] = (
    *PICTURE_FORGERS,
    *SOUND_FORGERS,
    *TOGETHER_FORGERS,
)

# Forgers that need a package which avdf does not install. They are used only when they are named.
PACKAGES: Mapping[str, str] = {"world": "pyworld"}


def forger_names() -> tuple[str, ...]:
    """The names of all forgers, in the order of tables."""
    return tuple(forger.name for forger in FORGERS)


def forger(name: str) -> Forger:
    """The forger with this name.

    Raises:
        SettingsError: there is none, or the package that it needs is missing.
    """
    by_name = {one.name: one for one in FORGERS}
    if name not in by_name:
        near = get_close_matches(name, by_name, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(by_name)}"
        raise SettingsError(f"there is no forger {name!r}; {hint}")
    package = PACKAGES.get(name)
    if package and find_spec(package) is None:
        raise SettingsError(
            f"the forger {name} needs the package {package}: pip install {package}"
        )
    return by_name[name]


def chosen_forgers(names: Sequence[str]) -> tuple[Forger, ...]:
    """The forgers with these names; without names, all that need no further package.

    Raises:
        SettingsError: as for `forger`.
    """
    if not names:
        names = [name for name in forger_names() if name not in PACKAGES]
    return tuple(forger(name) for name in dict.fromkeys(names))
