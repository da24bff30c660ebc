"""Checks of what callers hand over: options against their fields' types, paths, listeners.

Python does not check types when a program runs. Without these checks, a wrong value would be found
late and far from the call, or not at all.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from avdf.cache.core.errors import SettingsError
from avdf.model.runs.faults import first_fault

_EMPTY = "an argument is empty; is a variable not set?"


def check_fields(options: Any) -> None:
    """Check each field of an options class against its type, when the class is built.

    Raises:
        SettingsError: a value of the wrong type, or one that is not among the choices.
    """
    for name, field_type in _field_types(type(options)).items():
        value = getattr(options, name)
        try:
            # Strict: "5" is no number and "yes" is no truth value.
            field_type.validate_python(value, strict=True)
        except ValidationError as error:
            raise SettingsError(_explain(name, value, error)) from None


def _explain(name: str, value: Any, error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "literal_error":
        # An empty text is a default, not a choice that anyone would write.
        choices = first["ctx"]["expected"].replace("'', ", "").replace("'", "")
        return f"{name} {first['input']!r} is unknown; use {choices}"
    _, fault, _ = first_fault(error)
    return f"{name} is {value!r}; it {fault}"


def _field_types(options: Any) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(options, include_extras=True)
    names = {field.name for field in fields(options)}
    # Fields such as `Path` and mappings of them are checked by isinstance.
    config = ConfigDict(arbitrary_types_allowed=True)
    return {
        name: TypeAdapter(hint, config=config)
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
    elif isinstance(value, Iterable):
        value = tuple(value)
    # The class is frozen, but it is still being built: no caller has seen the old value.
    object.__setattr__(options, name, value)


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


def check_options(options: Any, kind: type) -> None:
    """Refuse options that are not of the class that a function takes.

    Raises:
        SettingsError: they are of another class, e.g. a dictionary.
    """
    if not isinstance(options, kind):
        given = type(options).__name__
        raise SettingsError(f"options: give avdf.{kind.__name__}(...), not {given}")


def check_listener(on_event: Any) -> None:
    """Refuse a listener that cannot be called, before the work begins.

    Raises:
        SettingsError: it cannot be called.
    """
    if not callable(on_event):
        given = type(on_event).__name__
        raise SettingsError(f"on_event: give a function of one event, not {given}")


def as_source(path: Any) -> str | Path:
    """One path, or the URL of a folder of shards.

    Raises:
        SettingsError: it is empty, which would mean the working folder, or no path at all.
    """
    if not isinstance(path, str | Path):
        raise SettingsError(f"give a path, not {type(path).__name__}: {path!r}")
    if not str(path).strip():
        raise SettingsError(_EMPTY)
    return path


def as_path(path: Any) -> Path:
    """A path, checked as `as_source` does."""
    return Path(as_source(path))


def as_sources(sources: Any) -> tuple[str | Path, ...]:
    """One path or several, as a tuple.

    Raises:
        SettingsError: one is empty, or something else than paths is given.
    """
    if isinstance(sources, str | Path):
        return (as_source(sources),)
    if not isinstance(sources, Iterable):
        given = type(sources).__name__
        raise SettingsError(
            f"give a path or several in a list, not {given}: {sources!r}"
        )
    return tuple(as_source(source) for source in sources)
