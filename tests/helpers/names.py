"""The names that the package `avdf` defines, read from its source without importing it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.helpers.pages import ROOT

FOLDERS = ("cache", "pipeline", "model", "cli")

Names = frozenset[str]


@cache
def source_files() -> tuple[Path, ...]:
    """Every Python file of the package."""
    found: list[Path] = []
    for folder in FOLDERS:
        found += sorted((ROOT / folder).rglob("*.py"))
    return tuple(found)


@cache
def _parsed(path: Path) -> ast.Module:
    text = path.read_text(encoding="utf-8")
    return ast.parse(text)


@cache
def names_defined_in(path: Path) -> Names:
    """The functions, classes and constants that one module defines."""
    tree = _parsed(path)
    return frozenset(_definitions(tree.body))


@cache
def defined_names() -> Names:
    """The functions, classes and constants of all modules of the package."""
    found: set[str] = set()
    for path in source_files():
        found |= names_defined_in(path)
    return frozenset(found)


@cache
def class_attributes() -> dict[str, Names]:
    """What each class of the package has: its own methods and fields, and those of its bases."""
    own: dict[str, set[str]] = defaultdict(set)
    bases: dict[str, set[str]] = defaultdict(set)
    for node in _classes():
        own[node.name].update(_definitions(node.body))
        own[node.name].update(_attributes_of_self(node))
        bases[node.name].update(_names(node.bases))

    def with_bases(name: str) -> set[str]:
        found = set(own.get(name, ()))
        for base in bases.get(name, ()):
            found |= with_bases(base)
        return found

    return {name: frozenset(with_bases(name)) for name in own}


def _classes() -> Iterator[ast.ClassDef]:
    """Every class statement of the package."""
    for path in source_files():
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.ClassDef):
                yield node


def _definitions(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements of a module or a class define."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.AnnAssign):
            yield from _names([statement.target])
        elif isinstance(statement, ast.Assign):
            yield from _names(statement.targets)


def _names(expressions: list[ast.expr]) -> Iterator[str]:
    """Those of the expressions that are plain names."""
    for expression in expressions:
        if isinstance(expression, ast.Name):
            yield expression.id


def _attributes_of_self(node: ast.ClassDef) -> Iterator[str]:
    """The names that the methods of a class assign to `self`."""
    for inner in ast.walk(node):
        # Only what is assigned: `self.x` that is read says nothing about this class.
        if not isinstance(inner, ast.Attribute) or not isinstance(inner.ctx, ast.Store):
            continue
        if "self" in _names([inner.value]):
            yield inner.attr
