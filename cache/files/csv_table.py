"""Tables as CSV: rows of a dataclass written whole or not at all, and a strict reader for all that we read."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, TextIO

from avdf.cache.core.errors import AvdfError
from avdf.cache.core.text import spreadsheet_safe
from avdf.cache.files.atomic_file import durable_file

MOST_ROWS = 5_000_000  # of a table: thirty times the largest dataset
_LONGEST_LINE = 1 << 20  # characters: a table without line ends is refused before it fills memory


@dataclass(frozen=True)
class TableKind:
    """What a table must be, and how its faults are told.

    required  columns that must be there
    error     the class of error that is raised
    advice    what to do where the file is not such a table: ends the sentence
    spaced    spaces after a comma are not part of the value, as people write tables by hand
    """

    required: Sequence[str]
    error: type[AvdfError]
    advice: str
    spaced: bool = False


def write_rows(path: Path, kind: type, rows: Iterable[Any]) -> None:
    """Write rows of a dataclass whose fields are the columns of the table."""
    write_table(path, {field.name: field.name for field in fields(kind)}, rows)


def write_table(path: Path, columns: Mapping[str, str], rows: Iterable[Any]) -> None:
    """Write rows as they come; None becomes an empty field, floats keep every digit.

    A saturated detector tells videos apart by 1e-9 and less: rounded, they would tie.

    Args:
        columns: name of a column -> where its value stands in a row, with dots: `info.id`.
    """
    with durable_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_plain(value) for value in flat(row, columns).values()])


def flat(row: Any, columns: Mapping[str, str]) -> dict[str, Any]:
    """A row as column -> value."""
    return {column: attrgetter(place)(row) for column, place in columns.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return spreadsheet_safe(value)
    return repr(float(value)) if isinstance(value, float) else "" if value is None else value


def read_rows(path: Path, kind: TableKind) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV table, one after another: (number of its line, column -> value).

    Spaces around names of columns are left out; empty lines are skipped. A table with a header alone gives nothing.

    Raises:
        AvdfError: of the kind's class. The file cannot be read, a column is missing or comes twice, a row has more or
            fewer values than the header, a quote is not closed on its line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path, file, kind)
    except OSError as error:
        raise kind.error(f"{path}: {error.strerror or error}; {kind.advice}") from None
    except UnicodeDecodeError as error:
        raise kind.error(f"{path}: not text in UTF-8 ({error.reason}); {kind.advice}") from None


def _rows(path: Path, file: TextIO, kind: TableKind) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(_lines(path, file, kind), strict=True, skipinitialspace=kind.spaced)
    header: list[str] = []
    count = 0
    while True:
        start = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise kind.error(
                f"{path}, line {start}: {error}; check the quotes of this line and the length of its values"
            ) from None
        if not values:
            continue
        if not header:
            header = _header(path, values, kind)
            continue
        _check_row(path, start, reader.line_num, values, header, kind)
        count += 1
        if count > MOST_ROWS:
            raise kind.error(f"{path}: more than {MOST_ROWS} rows; divide the table")
        yield start, dict(zip(header, values, strict=True))
    if not header:
        raise kind.error(f"{path}: the table is empty, without even a header; {kind.advice}")


def _lines(path: Path, file: TextIO, kind: TableKind) -> Iterator[str]:
    """Lines of bounded length: a file without line ends must not fill the memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise kind.error(
                f"{path}, line {number}: longer than {_LONGEST_LINE} characters; {kind.advice}"
            )
        if "\0" in line:
            raise kind.error(f"{path}, line {number}: holds a zero byte; {kind.advice}")
        yield line


def _header(path: Path, values: Sequence[str], kind: TableKind) -> list[str]:
    header = [name.strip() for name in values]
    doubled = next((name for name in header if name and header.count(name) > 1), None)
    if doubled is not None:
        raise kind.error(
            f"{path}: the column {doubled!r} comes twice in the header; keep one of them"
        )
    missing = [name for name in kind.required if name not in header]
    if missing:
        known = ", ".join(header)[:200]
        raise kind.error(
            f"{path}: no column {' or '.join(missing)} in the header ({known}); {kind.advice}"
        )
    return header


def _check_row(
    path: Path, first: int, last: int, values: Sequence[str], header: Sequence[str], kind: TableKind
) -> None:
    if len(values) != len(header):
        raise kind.error(
            f"{path}, line {first}: {len(values)} values under {len(header)} columns; "
            "write decimals with a point, and a value that holds a comma between quotes"
        )
    # A quote that is never closed swallows the lines that follow it, with the commas between their values.
    if last > first and any("\n" in value and "," in value for value in values):
        raise kind.error(
            f"{path}, line {first}: a quote opened here is not closed on its line; close or remove it"
        )
