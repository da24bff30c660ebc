"""CSV tables: a writer for rows of a dataclass, and a strict reader for tables from outside."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, TextIO

from avdf.cache.core.errors import AvdfError
from avdf.cache.core.safe_text import spreadsheet_safe
from avdf.cache.files.atomic_file import durable_file

MOST_ROWS = 5_000_000  # thirty times the largest dataset
_LONGEST_LINE = 1 << 20  # characters


@dataclass(frozen=True)
class TableKind:
    """What a table must contain, and how its faults are reported.

    required  columns that must be there
    error     the class of error that is raised
    advice    ends the message where the file is not such a table: what to do
    spaced    spaces after a comma are not part of the value, as in tables written by hand
    """

    required: Sequence[str]
    error: type[AvdfError]
    advice: str
    spaced: bool = False


def write_rows(path: Path, kind: type, rows: Iterable[Any]) -> None:
    """Write rows of one dataclass, whose fields are the columns of the table."""
    write_table(path, {field.name: field.name for field in fields(kind)}, rows)


def write_table(path: Path, columns: Mapping[str, str], rows: Iterable[Any]) -> None:
    """Write rows to a table as they come, or leave the old table unchanged.

    None becomes an empty value. Numbers keep every digit: a saturated detector distinguishes videos
    by 1e-9 and less, and rounded scores would be equal.

    Args:
        columns: the name of each column -> the attribute of a row that it shows, with dots for
            attributes of attributes: `info.id`.
    """
    with (
        durable_file(path) as partial,
        partial.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(
                [_csv_value(value) for value in flat(row, columns).values()]
            )


def flat(row: Any, columns: Mapping[str, str]) -> dict[str, Any]:
    """A row as column -> value."""
    return {column: attrgetter(attribute)(row) for column, attribute in columns.items()}


def _csv_value(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return spreadsheet_safe(value)
    return repr(float(value)) if isinstance(value, float) else value


def read_rows(path: Path, kind: TableKind) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table, one after another: (number of its line, column -> value).

    Spaces around the names of columns are ignored, empty lines are skipped. A table that consists
    of a header yields nothing.

    Raises:
        AvdfError: of the class `kind.error`. The file cannot be read, a column is missing or comes
            twice, a row has more or fewer values than the header, or a quote is not closed on its
            line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _parse(path, file, kind)
    except OSError as error:
        raise kind.error(f"{path}: {error.strerror or error}; {kind.advice}") from None
    except UnicodeDecodeError as error:
        raise kind.error(
            f"{path}: not text in UTF-8 ({error.reason}); {kind.advice}"
        ) from None


def _parse(
    path: Path, file: TextIO, kind: TableKind
) -> Iterator[tuple[int, dict[str, str]]]:
    records = _records(path, file, kind)
    first_record = next(records, None)
    if first_record is None:
        raise kind.error(
            f"{path}: the table is empty, without even a header; {kind.advice}"
        )
    header = _read_header(path, first_record.values, kind)
    for count, record in enumerate(records, 1):
        _check_record(path, record, header, kind)
        if count > MOST_ROWS:
            raise kind.error(f"{path}: more than {MOST_ROWS} rows; divide the table")
        yield record.first_line, dict(zip(header, record.values, strict=True))


@dataclass(frozen=True)
class _Record:
    """The values of one row, and the lines that they come from: more than one within quotes."""

    first_line: int
    last_line: int
    values: list[str]


def _records(path: Path, file: TextIO, kind: TableKind) -> Iterator[_Record]:
    """Every record that is not empty, the header too."""
    lines = _bounded_lines(path, file, kind)
    reader = csv.reader(lines, strict=True, skipinitialspace=kind.spaced)
    while True:
        first_line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise kind.error(
                f"{path}, line {first_line}: {error}; "
                "check the quotes of this line and the length of its values"
            ) from None
        if values:
            yield _Record(first_line, reader.line_num, values)


def _bounded_lines(path: Path, file: TextIO, kind: TableKind) -> Iterator[str]:
    """The lines of a file; one without line ends is refused before it fills the memory."""
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


def _read_header(path: Path, values: Sequence[str], kind: TableKind) -> list[str]:
    header = [name.strip() for name in values]
    for name in header:
        if name and header.count(name) > 1:
            raise kind.error(
                f"{path}: the column {name!r} comes twice in the header; keep one of them"
            )
    missing = [name for name in kind.required if name not in header]
    if missing:
        found = ", ".join(header)[:200]
        raise kind.error(
            f"{path}: no column {' or '.join(missing)} in the header ({found}); {kind.advice}"
        )
    return header


def _check_record(
    path: Path, record: _Record, header: Sequence[str], kind: TableKind
) -> None:
    where = f"{path}, line {record.first_line}"
    if len(record.values) != len(header):
        raise kind.error(
            f"{where}: {len(record.values)} values under {len(header)} columns; "
            "write decimals with a point, and a value that holds a comma between quotes"
        )
    # A quote that is never closed swallows the next lines, with the commas between their values.
    if record.last_line > record.first_line:
        for value in record.values:
            if "\n" in value and "," in value:
                raise kind.error(
                    f"{where}: a quote opened here is not closed on its line; close or remove it"
                )
