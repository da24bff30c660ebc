"""Tables that are written: every digit is kept, nothing acts on a spreadsheet."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.files.csv_table import flat, write_rows, write_table


@dataclass(frozen=True)
class Score:
    value: float | None
    known: bool = True


@dataclass(frozen=True)
class Row:
    name: str
    score: Score


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_fields_of_a_dataclass_are_the_columns(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.csv", Score, [Score(0.5)])
    assert lines(tmp_path / "t.csv") == ["value,known", "0.5,1"]


def test_columns_may_show_attributes_of_attributes(tmp_path: Path) -> None:
    columns = {"id": "name", "score": "score.value"}
    write_table(tmp_path / "t.csv", columns, [Row("a", Score(0.25))])
    assert lines(tmp_path / "t.csv") == ["id,score", "a,0.25"]


def test_a_row_can_be_flattened_without_a_table() -> None:
    row = Row("a", Score(None, known=False))
    assert flat(row, {"id": "name", "known": "score.known"}) == {
        "id": "a",
        "known": False,
    }


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1 - 1e-12, float(np.float32(0.1))])
def test_numbers_keep_every_digit(tmp_path: Path, value: float) -> None:
    write_rows(tmp_path / "t.csv", Score, [Score(value)])
    _, row = lines(tmp_path / "t.csv")
    assert float(row.split(",")[0]) == value


def test_none_is_an_empty_value(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.csv", Score, [Score(None, known=False)])
    assert lines(tmp_path / "t.csv")[1] == ",0"


def test_a_name_that_looks_like_a_formula_is_made_safe(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", {"id": "name"}, [Row("=cmd()", Score(None))])
    assert lines(tmp_path / "t.csv")[1] == "'=cmd()"


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.csv", Score, [])
    assert lines(tmp_path / "t.csv") == ["value,known"]


def test_an_error_on_the_way_leaves_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_rows(path, Score, [Score(0.5)])
    with pytest.raises(AttributeError):
        write_table(path, {"id": "name"}, [Score(0.1)])
    assert lines(path) == ["value,known", "0.5,1"]
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]
