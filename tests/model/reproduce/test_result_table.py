"""A table of results as Markdown and JSON."""

import json

import pytest

from avdf.model.reproduce.published import PublishedTable
from avdf.model.reproduce.result_table import Cell, ResultTable, TableRow

TABLE = ResultTable(
    name="table1",
    title="Table 1",
    columns=("Acc.", "AUC"),
    rows=(
        TableRow("Other", "published", {"AUC": Cell(92.43)}),
        TableRow("Ours", "paper", {"AUC": Cell(99.98)}),
        TableRow("Ours", "here", {"AUC": Cell(99.98, 99.0, 100.0)}),
    ),
    notes=("a note",),
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(), "–"),
        (Cell(93.61), "93.6"),
        (Cell(93.61, 88.0, 97.0), "93.6 (88.0–97.0)"),
        (Cell(93.61, None, None, 89.42), "93.6; at 0.5: 89.4"),
    ],
)
def test_a_cell_measured_here_has_one_decimal(cell: Cell, text: str) -> None:
    assert cell.as_text(exact=False) == text


def test_a_cell_of_the_paper_has_all_its_digits() -> None:
    assert Cell(93.61).as_text(exact=True) == "93.61"


def test_markdown_says_where_each_row_comes_from() -> None:
    lines = TABLE.as_markdown().splitlines()
    assert "| Other (published, not run) | – | 92.43 |" in lines
    assert "| Ours (paper) | – | 99.98 |" in lines
    assert "| Ours **(here)** | – | 100.0 (99.0–100.0) |" in lines


def test_markdown_ends_with_the_notes() -> None:
    assert TABLE.as_markdown().endswith("\n\n- a note\n")


def test_json_has_every_row() -> None:
    document = json.loads(TABLE.as_json())
    assert [row["origin"] for row in document["rows"]] == ["published", "paper", "here"]


def test_a_published_row_has_only_known_columns() -> None:
    with pytest.raises(ValueError, match="Ours has metrics of no column"):
        PublishedTable("Table 9", ("AUC",), {"Ours": {"AP": 1.0}}, {})
