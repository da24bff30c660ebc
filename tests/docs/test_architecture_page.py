"""Every arrow of the drawing in docs/architecture.md is an import in the code."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.pages import ROOT, read_page

(DRAWING,) = read_page("docs/architecture.md").blocks("mermaid")

# Nodes that are no folder of their own, and what an import of them looks like.
FOLDERS = {"commands": "cli", "api": "cli/api"}
IMPORTS = {"api": r"from avdf import"}


def folders_of_nodes() -> dict[str, str]:
    """The folder or file of each node: the name of its frame, then its own name."""
    found, frame = {}, ""
    for line in DRAWING.text.splitlines():
        if begins := re.match(r"\s*subgraph (\w+)", line):
            frame = begins[1]
            found[frame] = frame
        elif node := re.match(r"\s*(\w+)\[", line):
            found[node[1]] = FOLDERS.get(node[1], f"{frame}/{node[1]}")
    return found


def arrows() -> list[tuple[str, str]]:
    """Every arrow, also those of a chain."""
    chains = [line.strip().split(" --> ") for line in DRAWING.text.splitlines() if "-->" in line]
    return [arrow for chain in chains for arrow in pairwise(chain)]


def source_of(place: str) -> str:
    """The text of a file, or of all files of a folder."""
    folder = ROOT / place
    files = folder.rglob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]
    return "".join(Path(file).read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize(("importer", "imported"), arrows())
def test_an_arrow_is_an_import(importer: str, imported: str) -> None:
    places = folders_of_nodes()
    pattern = IMPORTS.get(imported, rf"from avdf\.{places[imported].replace('/', r'\.')}\b")
    assert re.search(pattern, source_of(places[importer]))
