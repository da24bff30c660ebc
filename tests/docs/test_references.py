"""Every path, name, setting and link on a page leads to something that exists."""

import ast
import builtins
import importlib
import re
from collections.abc import Iterator

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model.runs.config_sources import load_config
from tests.helpers.names import (
    class_attributes,
    defined_names,
    names_defined_in,
    source_files,
)
from tests.helpers.pages import ROOT, Page, all_pages, read_page

PAGES = all_pages()
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])

# Names of other libraries, and names that a reader chooses.
FOREIGN_NAMES = {"BeautifulSoup", "MyEncoder", "RayCluster", "RayJob", "ReadWriteMany"}
ENTRY_POINTS = {"avdf.image_encoders", "avdf.speech_encoders"}

_PATH = re.compile(
    r"(?<![\w/.])(?:pipeline|cache|model|cli|tests|docs|\.ci|\.github)/[\w./-]*\w"
)
_FILE_OF_CODE = re.compile(r"[\w/]+\.py")
_IMPORT_PATH = re.compile(r"avdf(?:\.\w+)+")
_ATTRIBUTE = re.compile(r"([A-Z]\w+)\.(\w+)(?:\(.*\))?")
_CLASS = re.compile(r"[A-Z][a-z]\w*[A-Z]\w*(?:\(.*\))?")
_FUNCTION = re.compile(r"(_?[a-z]\w*)\(.*\)|(_[a-z]\w+)")
_SETTING = re.compile(r"(model|data|training)\.(\w+)(?:=(\S+))?")
_NAME_IN_FILE = re.compile(r"`(\w+)[\w.]*(?:\(\))?`\s+(?:in|of)\s+`([\w/]+\.py)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def matching_spans(page: Page, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The code spans of a page that are as a whole what the pattern says."""
    for span in page.code_spans():
        if match := pattern.fullmatch(span):
            yield match


@every_page
def test_paths_exist(page: Page) -> None:
    missing = [path for path in _PATH.findall(page.text) if not (ROOT / path).exists()]
    assert not missing, f"{page.name} names {missing}"


@every_page
def test_files_of_code_exist(page: Page) -> None:
    tests = (ROOT / "tests").rglob("*.py")
    known = [f"/{path.relative_to(ROOT)}" for path in (*source_files(), *tests)]
    for match in matching_spans(page, _FILE_OF_CODE):
        # A page may leave out the folders of a file.
        ending = f"/{match[0]}"
        assert any(path.endswith(ending) for path in known), (
            f"{page.name} names {match[0]}"
        )


@every_page
def test_import_paths_resolve(page: Page) -> None:
    for match in matching_spans(page, _IMPORT_PATH):
        if match[0] not in ENTRY_POINTS:
            assert resolves(match[0]), f"{page.name} names {match[0]}"


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or an attribute of one."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for name in parts[count:]:
            found = getattr(found, name, None)
        return found is not None
    return False


@every_page
def test_imports_in_python_blocks_resolve(page: Page) -> None:
    for block in page.blocks("python"):
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("avdf"):
                for alias in node.names:
                    assert resolves(f"{node.module}.{alias.name}"), (
                        f"{page.name}, {alias.name}"
                    )


@every_page
def test_attributes_of_classes_exist(page: Page) -> None:
    attributes = class_attributes()
    for match in matching_spans(page, _ATTRIBUTE):
        owner, name = match[1], match[2]
        if owner.isupper() or (owner not in attributes and owner in FOREIGN_NAMES):
            continue
        assert name in attributes.get(owner, ()), f"{page.name} names {match[0]}"


@every_page
def test_classes_and_functions_exist(page: Page) -> None:
    spans = [*matching_spans(page, _CLASS), *matching_spans(page, _FUNCTION)]
    # What is called is written with its arguments.
    names = {match[0].partition("(")[0] for match in spans}
    methods = frozenset().union(*class_attributes().values())
    unknown = names - defined_names() - methods - set(dir(builtins)) - FOREIGN_NAMES
    assert not unknown, f"{page.name} names {sorted(unknown)}"


@every_page
def test_names_are_defined_in_the_files_that_pages_give_for_them(page: Page) -> None:
    for name, file in _NAME_IN_FILE.findall(page.prose):
        assert name in names_defined_in(ROOT / file), (
            f"{page.name} names {name} in {file}"
        )


@every_page
def test_settings_exist(page: Page) -> None:
    known = load_config(None).as_dict()
    for match in matching_spans(page, _SETTING):
        section, key, value = match.groups()
        assert key in known[section], f"{page.name} names {section}.{key}"
        if value and not value.isupper():
            assert accepted(match[0]), f"{page.name} gives {match[0]}"


def accepted(setting: str) -> bool:
    """Whether `--set` takes a setting on its own."""
    try:
        load_config(None, [setting])
    except SettingsError:
        return False
    return True


@every_page
def test_links_between_pages_resolve(page: Page) -> None:
    for link in _LINK.findall(page.prose):
        if link.startswith("http"):
            continue
        target, _, fragment = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.exists(), f"{page.name} links to {link}"
        if fragment:
            anchors = read_page(str(path.relative_to(ROOT))).anchors()
            assert fragment in anchors, f"{page.name} links to {link}"


def test_the_readme_links_every_page() -> None:
    links = _LINK.findall(read_page("README.md").prose)
    assert {page.name for page in PAGES[1:]} <= set(links)
