"""Public names of a package that are imported when they are first used."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def import_name(package: str, homes: Mapping[str, str], name: str) -> Any:
    """Import a public name: what the `__getattr__` of a package returns.

    Args:
        homes: of each public name, the module below the package that defines it.

    Raises:
        AttributeError: the package has no such public name.
    """
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value = getattr(import_module(f"{package}.{homes[name]}"), name)
    # Kept as an attribute, so that Python asks only once for each name.
    setattr(sys.modules[package], name, value)
    return value
