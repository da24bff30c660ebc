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


@dataclass(frozen=True)
class Page:
    """One Markdown page. `name` is its path below the root of the repository."""

    name: str
    text: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    def blocks(self, *languages: str) -> list[Block]:
        """The fenced blocks in one of the languages, in order."""
        found = []
        for match in _FENCE.finditer(self.text):
            line = self.text[: match.start()].count("\n") + 2
            found.append(Block(match[1], match[2], line))
        return [block for block in found if block.language in languages]

    def examples(self) -> list[tuple[Block, str]]:
        """Each Python block, with the output that follows it in a block of text; '' without one."""
        found = []
        every = self.blocks("python", "text")
        for block, after in pairwise([*every, Block("", "", 0)]):
            if block.language == "python":
                shown = after.text if after.language == "text" else ""
                found.append((block, shown))
        return found

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return _FENCE.sub("", self.text)

    def code_spans(self) -> Iterator[str]:
        """The texts between backticks, outside fenced blocks."""
        yield from (match[1] for match in _CODE_SPAN.finditer(self.prose))

    def anchors(self) -> set[str]:
        """The names by which links reach the headings, as GitHub builds them."""
        return {anchor(match[1]) for match in _HEADING.finditer(self.prose)}

    def table_rows(self, heading: str) -> list[list[str]]:
        """The rows of the first table below `## heading`, without its header."""
        _, _, section = self.prose.partition(f"\n## {heading}\n")
        lines = [line for line in section.split("\n## ")[0].split("\n") if line.startswith("|")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def anchor(heading: str) -> str:
    """The anchor of a heading: lower case, hyphens for spaces, no other punctuation."""
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.replace(" ", "-")


def read_page(name: str) -> Page:
    """A page by its path below the root."""
    return Page(name, (ROOT / name).read_text(encoding="utf-8"))


def all_pages() -> list[Page]:
    """The README and every page of docs/."""
    names = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
    return [read_page(name) for name in names]
