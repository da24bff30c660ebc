"""docs/settings.md lists every setting with the type and the default that the code has."""

import tomllib
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest

from avdf.model.config import DetectorConfig
from avdf.model.runs.config import DataSettings, TrainingSettings
from tests.helpers.pages import read_page

SECTIONS = {"model": DetectorConfig, "data": DataSettings, "training": TrainingSettings}
PLAIN_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false"}

section_names = pytest.mark.parametrize("section", SECTIONS)


def rows(section: str) -> list[list[str]]:
    """Rows of the page: key, type, default, meaning."""
    return read_page("docs/settings.md").table_rows(section)


def type_in_words(kind: Any) -> str:
    """A field's type as the page writes it: `whole number`, or its choices."""
    choices = get_args(kind)
    if not choices:
        return PLAIN_TYPES[kind]
    *first, last = (f"`{choice}`" for choice in choices)
    return f"{', '.join(first)} or {last}"


@section_names
def test_the_page_lists_every_setting_in_the_order_of_the_code(section: str) -> None:
    listed = [row[0].strip("`") for row in rows(section)]
    assert listed == [field.name for field in fields(SECTIONS[section])]


@section_names
def test_the_page_gives_the_type_of_every_setting(section: str) -> None:
    types = get_type_hints(SECTIONS[section])
    listed = {row[0].strip("`"): row[1] for row in rows(section)}
    assert listed == {name: type_in_words(types[name]) for name in listed}


@section_names
def test_the_page_gives_the_default_of_every_setting(section: str) -> None:
    defaults = SECTIONS[section]()
    for key, _, written, _ in rows(section):
        value = tomllib.loads(f"value = {written.strip('`')}")["value"]
        default = getattr(defaults, key.strip("`"))
        assert (type(value), value) == (type(default), default), key


@section_names
def test_every_setting_has_a_meaning(section: str) -> None:
    assert all(row[3] for row in rows(section))
