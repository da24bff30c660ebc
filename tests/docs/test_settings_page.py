"""docs/settings.md lists every setting with the type and the default that the code has."""

import tomllib
from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

import pytest

from avdf.model.config import DetectorConfig
from avdf.model.runs.config import DataSettings, TrainingSettings
from tests.helpers.pages import read_page

SECTIONS = {"model": DetectorConfig, "data": DataSettings, "training": TrainingSettings}
PLAIN_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false"}

every_section = pytest.mark.parametrize("section", SECTIONS)


@dataclass(frozen=True)
class Row:
    """One setting as the page lists it."""

    key: str
    kind: str
    default: str
    meaning: str


def rows(section: str) -> list[Row]:
    """The settings of a section, without the backticks around keys and defaults."""
    found = []
    for key, kind, default, meaning in read_page("docs/settings.md").table_rows(
        section
    ):
        found.append(Row(key.strip("`"), kind, default.strip("`"), meaning))
    return found


def type_in_words(kind: Any) -> str:
    """A field's type as the page writes it: `whole number`, or its choices."""
    choices = get_args(kind)
    if not choices:
        return PLAIN_TYPES[kind]
    *first, last = (f"`{choice}`" for choice in choices)
    return f"{', '.join(first)} or {last}"


@every_section
def test_the_page_lists_every_setting_in_the_order_of_the_code(section: str) -> None:
    in_code = [field.name for field in fields(SECTIONS[section])]
    assert [row.key for row in rows(section)] == in_code


@every_section
def test_the_page_gives_the_type_of_every_setting(section: str) -> None:
    types = get_type_hints(SECTIONS[section])
    for row in rows(section):
        assert row.kind == type_in_words(types[row.key]), row.key


@every_section
def test_the_page_gives_the_default_of_every_setting(section: str) -> None:
    defaults = SECTIONS[section]()
    for row in rows(section):
        listed = tomllib.loads(f"value = {row.default}")["value"]
        in_code = getattr(defaults, row.key)
        assert listed == in_code, row.key
        assert type(listed) is type(in_code), row.key


@every_section
def test_every_setting_has_a_meaning(section: str) -> None:
    assert all(row.meaning for row in rows(section))
