"""The names that the package `avdf` defines, read from its source without importing it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.helpers.pages import ROOT

FOLDERS = ("cache", "pipeline", "model", "cli")


@cache
def source_files() -> tuple[Path, ...]:
    """Every Python file of the package."""
    return tuple(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))


def _definitions(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements of a module or a class define."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, ast.Assign):
            yield from (name.id for name in statement.targets if isinstance(name, ast.Name))


def _attributes_of_self(node: ast.ClassDef) -> Iterator[str]:
    """The names that the methods of a class assign to `self`."""
    for inner in ast.walk(node):
        if not (isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)):
            continue
        if isinstance(inner.value, ast.Name) and inner.value.id == "self":
            yield inner.attr


def names_defined_in(path: Path) -> frozenset[str]:
    """The functions, classes and constants that one module defines."""
    return frozenset(_definitions(ast.parse(path.read_text(encoding="utf-8")).body))


@cache
def defined_names() -> frozenset[str]:
    """The functions, classes and constants that the modules of the package define."""
    found: set[str] = set()
    for path in source_files():
        found.update(names_defined_in(path))
    return frozenset(found)


@cache
def class_attributes() -> dict[str, frozenset[str]]:
    """What each class of the package has: its own methods and fields, and those of its bases."""
    own: dict[str, set[str]] = {}
    bases: dict[str, set[str]] = {}
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                names = {*_definitions(node.body), *_attributes_of_self(node)}
                own.setdefault(node.name, set()).update(names)
                parents = {base.id for base in node.bases if isinstance(base, ast.Name)}
                bases.setdefault(node.name, set()).update(parents)

    def gather(name: str) -> set[str]:
        return own.get(name, set()).union(*(gather(base) for base in bases.get(name, ())))

    return {name: frozenset(gather(name)) for name in own}
