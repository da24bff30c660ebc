"""Checks of what callers hand over: options against their types and ranges, paths, listeners.

Python does not check types when a program runs. Without these checks, a wrong value would be found
late and far from the call, or not at all.
"""

import math
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from avdf.cache.core.errors import SettingsError
from avdf.model.runs.faults import first_fault

_MOST_SHOWN = 80  # characters of a wrong value


def between(least: float, most: float) -> AfterValidator:
    """The range of an option, as in `Annotated[float, between(0, 1)]`; both ends belong to it."""
    return _checked(lambda value: least <= value <= most, f"from {least} to {most}")


def at_least(least: int) -> AfterValidator:
    """The range of an option without an upper end."""
    return _checked(lambda value: value >= least, f"{least} or more")


def above_zero() -> AfterValidator:
    """The range of a length of time."""
    return _checked(lambda value: 0 < value < math.inf, "above 0 and finite")


def zero_or(least: int, most: int) -> AfterValidator:
    """The range of an option that is 0 where it is left to avdf."""
    words = f"from {least} to {most}, or 0 for the default"
    return _checked(lambda value: value == 0 or least <= value <= most, words)


def one_of(*known: int) -> AfterValidator:
    """An option with few values. A Literal would take True for 1."""
    return _checked(
        lambda value: value in known, f"one of {', '.join(map(str, known))}"
    )


def _checked(holds: Callable[[Any], bool], words: str) -> AfterValidator:
    # Every range is asked whether a value is inside, so that NaN, which is in none, is refused.
    def check(value: Any) -> Any:
        if not holds(value):
            raise ValueError(f"must be {words}")
        return value

    return AfterValidator(check)


def check_fields(options: Any) -> None:
    """Check each field of an options class against its type, when the class is built.

    Raises:
        SettingsError: a value of the wrong type, outside of its range, or not among the choices.
    """
    for name, (hint, field_type) in _field_types(type(options)).items():
        value = getattr(options, name)
        try:
            # Strict: "5" is no number and "yes" is no truth value.
            checked = field_type.validate_python(value, strict=True)
        except ValidationError as error:
            raise SettingsError(_explain(name, value, error)) from None
        # A decimal or a fraction passes as a number, and fails later where it meets one of Python.
        if isinstance(checked, float) and not isinstance(value, int | float):
            raise SettingsError(
                f"{name} is {_shown(value)}; it must be a number of Python: "
                "convert it with float()"
            )
        if Path in get_args(hint) and value is not None:
            as_source(value, name)


def _explain(name: str, value: Any, error: ValidationError) -> str:
    first = error.errors()[0]
    where, wrong = name, first["input"]
    # Of several values in one field, the message names the one that is wrong.
    if first["loc"] and isinstance(value, tuple | Mapping):
        where = f"{name}[{first['loc'][0]!r}]"
    if first["type"] == "literal_error":
        # An empty text is a default, not a choice that anyone would write.
        choices = first["ctx"]["expected"].replace("'', ", "").replace("'", "")
        return f"{where} {_shown(wrong)} is unknown; use {choices}"
    return f"{where} is {_shown(wrong)}; it {_fault(error)}"


def _fault(error: ValidationError) -> str:
    """What is wrong, with the kind of value that is right."""
    kinds = [found["type"] for found in error.errors()]
    if "is_instance_of" in kinds:
        return "must be a path, as a text or a Path"
    if kinds[0] == "tuple_type":
        return "must be a text, or several in a list or a tuple"
    if kinds[0] == "dict_type":
        return "must be a dictionary"
    _, fault, _ = first_fault(error)
    return fault


def _shown(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= _MOST_SHOWN else f"{words[:_MOST_SHOWN]}..."


def _field_types(options: Any) -> dict[str, tuple[Any, TypeAdapter[Any]]]:
    """The type of each field, and what checks a value against it."""
    hints = get_type_hints(options, include_extras=True)
    names = {field.name for field in fields(options)}
    # Fields such as `Path` and mappings of them are checked by isinstance.
    config = ConfigDict(arbitrary_types_allowed=True)
    return {
        name: (hint, TypeAdapter(hint, config=config))
        for name, hint in hints.items()
        if name in names
    }


def take_texts(options: Any, name: str) -> None:
    """Keep a field of several texts as a tuple; a single text is one item.

    Without this, "jpeg" would be read as four perturbations of one letter each.
    """
    value = getattr(options, name)
    if isinstance(value, str):
        value = (value,)
    elif _is_series(value):
        value = tuple(value)
    # The class is frozen, but it is still being built: no caller has seen the old value. What is
    # no series of texts is left to `check_fields`, which refuses it.
    object.__setattr__(options, name, value)


def _is_series(value: Any) -> bool:
    """Whether a value is several in an order, which a set does not have."""
    return _is_several(value) and not isinstance(value, Set | Mapping)


def _is_several(value: Any) -> bool:
    # The items of bytes are numbers. An array without dimensions has an `__iter__` that fails.
    if isinstance(value, bytes | bytearray):
        return False
    try:
        iter(value)
    except TypeError:
        return False
    return True


def take_settings(options: Any, name: str = "settings") -> None:
    """As `take_texts`, and a mapping {"training.epochs": 1} is read as `training.epochs=1`."""
    value = getattr(options, name)
    if isinstance(value, Mapping):
        pairs = [f"{setting}={_as_text(one)}" for setting, one in value.items()]
        object.__setattr__(options, name, tuple(pairs))
    take_texts(options, name)


def _as_text(value: Any) -> str:
    """A value as the command line spells it: true and false, not True and False."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_device(name: str) -> None:
    """Refuse what no device is called; whether it is there is seen where it is used.

    Raises:
        SettingsError: another name.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:[0-9]+)?", name):
        raise SettingsError(f"device {name!r} is unknown; use auto, cpu or cuda")


def check_options(options: Any, kind: type, name: str = "options") -> None:
    """Refuse options that are not of the class that a function takes.

    Raises:
        SettingsError: they are of another class, e.g. a dictionary.
    """
    if not isinstance(options, kind):
        given = type(options).__name__
        raise SettingsError(f"{name}: give avdf.{kind.__name__}(...), not {given}")


def check_listener(on_event: Any) -> None:
    """Refuse a listener that cannot be called, before the work begins.

    Raises:
        SettingsError: it cannot be called.
    """
    if not callable(on_event):
        given = type(on_event).__name__
        raise SettingsError(f"on_event: give a function of one event, not {given}")


def as_source(path: Any, name: str) -> str | Path:
    """One path, or the URL of a folder of shards.

    Args:
        name: of the argument, for the message.

    Raises:
        SettingsError: it is empty, which would mean the working folder, or no path at all.
    """
    if not isinstance(path, str | Path):
        given = type(path).__name__
        raise SettingsError(f"{name}: give a path, not {given}: {_shown(path)}")
    if not str(path).strip():
        raise SettingsError(f"{name} is empty; is a variable not set?")
    if "\0" in str(path):
        raise SettingsError(f"{name}: {_shown(path)} has a zero byte; no path has one")
    return path


def as_path(path: Any, name: str) -> Path:
    """A path, checked as `as_source` does."""
    return Path(as_source(path, name))


def as_sources(sources: Any, name: str) -> tuple[str | Path, ...]:
    """One path or several, as a tuple.

    Raises:
        SettingsError: one is empty, or something else than paths is given.
    """
    if isinstance(sources, str | Path):
        return (as_source(sources, name),)
    if not _is_several(sources):
        given = type(sources).__name__
        raise SettingsError(
            f"{name}: give a path or several in a list, not {given}: {_shown(sources)}"
        )
    return tuple(as_source(source, name) for source in sources)


def as_text(text: Any, name: str) -> str:
    """A text that is not empty.

    Raises:
        SettingsError: it is empty, or no text.
    """
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"{name}: give a text, not {_shown(text)}")
    return text


def as_texts(texts: Any, name: str) -> tuple[str, ...]:
    """One text or several, as a tuple.

    Raises:
        SettingsError: there is none, or something else than texts is given.
    """
    if isinstance(texts, str):
        return (as_text(texts, name),)
    if not _is_series(texts):
        given = type(texts).__name__
        raise SettingsError(f"{name}: give a text or several in a list, not {given}")
    found = tuple(as_text(text, name) for text in texts)
    if not found:
        raise SettingsError(f"{name}: give at least one")
    return found
