"""docs/api.md lists every public name of the package, and every option with its default."""

import ast
import re
from dataclasses import MISSING, Field, fields
from typing import Any

import pytest

import avdf
from tests.helpers.pages import cells, read_page

PAGE = read_page("docs/api.md")

_TABLE = re.compile(
    r"^\| option of `(\w+)` \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", re.MULTILINE
)
_CODE = re.compile(r"`([^`]+)`")
TABLES = {name: rows.splitlines() for name, rows in _TABLE.findall(PAGE.prose)}


def listed_options(rows: list[str]) -> dict[str, Any]:
    """Options and defaults of a table; a row may hold several of both."""
    found: dict[str, Any] = {}
    for row in rows:
        options, defaults, _ = cells(row)
        names = _CODE.findall(options)
        values = [ast.literal_eval(text) for text in _CODE.findall(defaults)]
        found.update(zip(names, values, strict=True))
    return found


def default(field: Field[Any]) -> Any:
    """The default of a field of a dataclass."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def test_the_page_has_tables_of_options() -> None:
    assert TABLES


@pytest.mark.parametrize("name", TABLES)
def test_a_table_lists_every_option_with_its_default(name: str) -> None:
    options = getattr(avdf, name)
    in_code = {field.name: default(field) for field in fields(options) if field.init}
    assert listed_options(TABLES[name]) == in_code


def test_the_page_names_everything_that_the_package_offers() -> None:
    missing = [
        name for name in avdf.__all__ if not re.search(rf"\b{name}\b", PAGE.text)
    ]
    assert not missing
