"""Forgers by their names."""

import sys

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model.forging.catalogue import (
    PACKAGES,
    chosen_forgers,
    forger,
    forger_names,
)


def test_names_are_unique_and_can_be_written_in_settings() -> None:
    names = forger_names()
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_without_names_all_that_need_no_package_are_used() -> None:
    chosen = [one.name for one in chosen_forgers(())]
    assert chosen == [name for name in forger_names() if name not in PACKAGES]


def test_each_is_taken_once_in_the_given_order() -> None:
    chosen = chosen_forgers(("lpc", "self_blend", "lpc"))
    assert [one.name for one in chosen] == ["lpc", "self_blend"]


def test_a_misspelt_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match="did you mean self_blend"):
        forger("self-blend")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if it were not installed.
    monkeypatch.setitem(sys.modules, "pyworld", None)
    with pytest.raises(SettingsError, match="pip install pyworld"):
        forger("world")
