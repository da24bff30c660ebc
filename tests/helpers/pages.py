"""The README and the pages of docs/, taken apart for the tests that compare them with the code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the number of its first line."""

    language: str
    text: str
    line: int


NO_BLOCK = Block("", "", 0)


@dataclass(frozen=True)
class Page:
    """One Markdown page. `name` is its path below the root of the repository."""

    name: str
    text: str

    @property
    def path(self) -> Path:
        """The file."""
        return ROOT / self.name

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self, *languages: str) -> list[Block]:
        """The fenced blocks in one of the languages, in order."""
        found = []
        for match in _FENCE.finditer(self.text):
            language, text = match.groups()
            before = self.text[: match.start()]
            # Lines count from 1, and the block begins after its fence.
            line = before.count("\n") + 2
            if language in languages:
                found.append(Block(language, text, line))
        return found

    def examples(self) -> list[tuple[Block, str]]:
        """Each Python block, with the output that follows it in a block of text; '' without one."""
        blocks = self.blocks("python", "text")
        found = []
        for block, following in pairwise([*blocks, NO_BLOCK]):
            if block.language == "python":
                output = following.text if following.language == "text" else ""
                found.append((block, output))
        return found

    def code_spans(self) -> Iterator[str]:
        """The texts between backticks, outside fenced blocks."""
        for match in _CODE_SPAN.finditer(self.prose):
            yield match[1]

    def anchors(self) -> set[str]:
        """The names by which links reach the headings, as GitHub builds them."""
        headings = _HEADING.findall(self.prose)
        return {anchor(heading) for heading in headings}

    def table_rows(self, heading: str) -> list[list[str]]:
        """The cells of the first table below `## heading`, without its header."""
        _, _, rest = self.prose.partition(f"\n## {heading}\n")
        section, _, _ = rest.partition("\n## ")
        lines = [line for line in section.split("\n") if line.startswith("|")]
        # The first two lines are the header and the rule below it.
        return [cells(line) for line in lines[2:]]


def cells(row: str) -> list[str]:
    """The cells of a row of a table."""
    return [cell.strip() for cell in row.strip("|").split("|")]


def anchor(heading: str) -> str:
    """The anchor of a heading: lower case, hyphens for spaces, no other punctuation."""
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.replace(" ", "-")


def read_page(name: str) -> Page:
    """A page by its path below the root."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return Page(name, text)


def all_pages() -> list[Page]:
    """The README and every page of docs/."""
    paths = sorted((ROOT / "docs").glob("*.md"))
    names = [f"docs/{path.name}" for path in paths]
    return [read_page(name) for name in ("README.md", *names)]
