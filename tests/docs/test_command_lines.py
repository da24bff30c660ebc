"""Every command line on a page would be understood."""

import re
from importlib.util import find_spec

import pytest

from tests.helpers.command_lines import (
    UsageError,
    avdf_commands,
    commands,
    known_flags,
    parse,
    shell_lines,
)
from tests.helpers.pages import Page, all_pages

PAGES = all_pages()
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])

FLAGS_OF_OTHERS = {"--no-python", "--nproc-per-node", "--num-cpus", "--strict"}

_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_MODULE = re.compile(r"python3? -m ([\w.]+)")


@every_page
def test_every_avdf_command_in_a_block_parses(page: Page) -> None:
    for line_number, line in shell_lines(page):
        for words in avdf_commands(line):
            try:
                parse(words)
            except (UsageError, KeyError) as error:
                pytest.fail(f"{page.name}, line {line_number}: {line}: {error}")


@every_page
def test_every_avdf_command_in_a_sentence_exists(page: Page) -> None:
    for span in page.code_spans():
        for words in avdf_commands(span):
            is_flag = words[0].startswith("-")
            assert is_flag or words[0] in commands(), f"{page.name}: `{span}`"


@every_page
def test_every_flag_in_a_sentence_exists(page: Page) -> None:
    named = {flag for span in page.code_spans() for flag in _FLAG.findall(span)}
    unknown = named - known_flags() - FLAGS_OF_OTHERS
    assert not unknown, f"{page.name} names {sorted(unknown)}"


@every_page
def test_every_python_module_that_is_run_exists(page: Page) -> None:
    for _, line in shell_lines(page):
        for module in _MODULE.findall(line):
            assert find_spec(module) is not None, f"{page.name}: {line}"


@pytest.mark.parametrize(
    "words", [["train", "shards"], ["train", "--nope"], ["prepare", "x"]]
)
def test_a_command_that_does_not_exist_is_found(words: list[str]) -> None:
    with pytest.raises((UsageError, KeyError)):
        parse(words)
