"""Command lines as pages write them, and whether `avdf` would understand them."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import typer

from avdf.cli.main import app
from tests.helpers.pages import Block, Page

# What the pages write in place of a value, and a value of that kind.
PLACEHOLDERS = {"N": "1", "BAND": "0.1", "PIXELS": "40", "LEVEL": "1"}


# Newer versions of typer carry a click of their own: the class is taken from there.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def commands() -> dict[str, Any]:
    """The commands of `avdf` by name, as click's objects."""
    return commands_below(typer.main.get_command(app))


def commands_below(command: Any) -> dict[str, Any]:
    """The commands of a group by name; none if it is not a group."""
    return getattr(command, "commands", {})


def known_flags() -> set[str]:
    """Every flag that some command has."""
    flags = {"--help", "--version"}
    waiting = list(commands().values())
    while waiting:
        command = waiting.pop()
        flags.update(flag for parameter in command.params for flag in parameter.opts)
        waiting.extend(commands_below(command).values())
    return flags


def lines_of(block: Block) -> Iterator[str]:
    """The commands of a block of shell: without comments, continued lines joined."""
    joined = ""
    for raw in block.text.split("\n"):
        line = re.sub(r"(^|\s)#.*", "", raw).rstrip()
        # An indented line continues the command above it.
        if line.startswith((" ", "\t")) or joined.endswith("\\"):
            joined = joined.removesuffix("\\") + line
            continue
        if joined:
            yield joined
        joined = line
    if joined:
        yield joined


def avdf_commands(line: str) -> Iterator[list[str]]:
    """The words after `avdf` of each command on a line."""
    for part in re.split(r"&&|\s\|\s|;", line):
        _, called, words = f" {part}".partition(" avdf ")
        if called:
            yield list(plain_words(words))


def plain_words(text: str) -> Iterator[str]:
    """Words without the notation of a page: no brackets, the first of several alternatives."""
    without_brackets = re.sub(r"[\[\]]", " ", text)
    for word in shlex.split(without_brackets):
        first, _, _ = word.partition("|")
        value = first.removesuffix("...")
        if value:
            yield PLACEHOLDERS.get(value, value)


def parse(words: list[str]) -> None:
    """Parse a command as `avdf` does, without running it.

    Raises:
        UsageError: a flag, an argument or a value is not understood.
        KeyError: there is no such command.
    """
    command, rest = commands()[words[0]], words[1:]
    while below := commands_below(command):
        command, rest = below[rest[0]], rest[1:]
    command.make_context("avdf", rest)


def shell_lines(page: Page) -> list[tuple[int, str]]:
    """Every shell command of a page with the first line of its block."""
    return [
        (block.line, line) for block in page.blocks("sh") for line in lines_of(block)
    ]
