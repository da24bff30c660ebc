"""Every arrow of the drawing in docs/architecture.md is an import in the code."""

import re
from itertools import pairwise

import pytest

from tests.helpers.pages import ROOT, read_page

(DRAWING,) = read_page("docs/architecture.md").blocks("mermaid")

# Nodes that are no folder of their own, and what an import of them looks like.
FOLDERS = {"commands": "cli", "api": "cli/api"}
IMPORTS = {"api": "from avdf import"}


def folders_of_nodes() -> dict[str, str]:
    """The folder or file of each node: the name of its frame, then its own name."""
    found = {}
    frame = ""
    for line in DRAWING.text.splitlines():
        if begins := re.match(r"\s*subgraph (\w+)", line):
            frame = begins[1]
            found[frame] = frame
        elif begins := re.match(r"\s*(\w+)\[", line):
            node = begins[1]
            found[node] = FOLDERS.get(node, f"{frame}/{node}")
    return found


def arrows() -> list[tuple[str, str]]:
    """Every arrow, also those of a chain."""
    found: list[tuple[str, str]] = []
    for line in DRAWING.text.splitlines():
        nodes = line.strip().split(" --> ")
        found.extend(pairwise(nodes))
    return found


def source_of(place: str) -> str:
    """The text of a file, or of all files of a folder."""
    path = ROOT / place
    if not path.is_dir():
        return path.with_suffix(".py").read_text(encoding="utf-8")
    texts = [file.read_text(encoding="utf-8") for file in path.rglob("*.py")]
    return "".join(texts)


@pytest.mark.parametrize(("importer", "imported"), arrows())
def test_an_arrow_is_an_import(importer: str, imported: str) -> None:
    places = folders_of_nodes()
    module = places[imported].replace("/", ".")
    import_line = IMPORTS.get(imported, f"from avdf.{module}")
    assert import_line in source_of(places[importer])
