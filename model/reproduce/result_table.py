"""One of the paper's tables with our rows in it, for readers (Markdown) and for programs (JSON)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

RowOrigin = Literal["published", "paper", "here"]
_ORIGINS: Mapping[RowOrigin, str] = {
    "published": " (published, not run)",
    "paper": " (paper)",
    "here": " **(here)**",
}


@dataclass(frozen=True)
class Cell:
    """A metric in per cent with its 95 % confidence interval; None where there is none.

    at_half  for an accuracy: the same at threshold 0.5; `value` is at the validation threshold
    spread   over several seeds: the standard deviation, and `value` is the mean
    by_seed  the values that it is over
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    at_half: float | None = None
    spread: float | None = None
    by_seed: tuple[float, ...] = ()

    def as_text(self, exact: bool) -> str:
        """The cell as it is printed.

        Args:
            exact: with all digits that the paper prints; otherwise with one decimal, and with the
                interval.
        """
        if self.value is None:
            return "–"
        if exact:
            return f"{self.value:g}"
        text = f"{self.value:.1f}"
        if self.spread is not None:
            text += f" ± {self.spread:.1f}"
        if self.low is not None and self.high is not None:
            text += f" ({self.low:.1f}–{self.high:.1f})"
        if self.at_half is not None:
            text += f"; at 0.5: {self.at_half:.1f}"
        return text


@dataclass(frozen=True)
class TableRow:
    """The metrics of one method.

    origin  `published`: another method, as the paper gives it; `paper`: the paper's own method, as
            the paper gives it; `here`: measured now
    """

    method: str
    origin: RowOrigin
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class ResultTable:
    """A table; `notes` are printed below it, and say what its metrics are based on."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...]

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    def as_markdown(self) -> str:
        """The table with its title and notes. Other methods are marked as published."""
        rows = [self._line(row) for row in self.rows]
        notes = [f"- {note}" for note in self.notes]
        lines = [
            f"### {self.title}",
            "",
            f"| method | {' | '.join(self.columns)} |",
            "|---" * (len(self.columns) + 1) + "|",
            *rows,
            "",
            *notes,
            "",
        ]
        return "\n".join(lines)

    def _line(self, row: TableRow) -> str:
        cells = [row.cells.get(column, Cell()) for column in self.columns]
        # Only our own numbers have more digits than a reader needs.
        is_exact = row.origin != "here"
        texts = [cell.as_text(is_exact) for cell in cells]
        return f"| {row.method}{_ORIGINS[row.origin]} | {' | '.join(texts)} |"
