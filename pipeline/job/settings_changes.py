"""In which settings two preparations differ."""

from typing import Any


def settings_changes(
    known: Any,
    wanted: Any,
    name: str = "",
) -> list[str]:
    """What differs between two settings, one phrase each: `face.margin 1.3, now 1.5`.

    Args:
        known: settings as nested dictionaries, or one value of them.
        wanted: what they are compared with.
        name: of the value; '' for whole settings.
    """
    both_nested = isinstance(known, dict) and isinstance(wanted, dict)
    if not both_nested:
        return [] if known == wanted else [f"{name} {known}, now {wanted}"]
    phrases: list[str] = []
    for key in sorted({*known, *wanted}):
        inner = f"{name}.{key}" if name else key
        phrases += settings_changes(known.get(key), wanted.get(key), inner)
    return phrases
