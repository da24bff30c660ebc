"""Rows of a dataclass as CSV, whole or not at all."""

import csv
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from avdf.cache.durable import durable_file


def write_rows(path: Path, kind: type, rows: Iterable[Any]) -> None:
    """Write rows of one dataclass as they come; None becomes an empty field, floats keep every digit.

    A saturated detector tells videos apart by 1e-9 and less: rounded, they would tie.
    """
    names = [field.name for field in fields(kind)]
    with durable_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([_plain(getattr(row, name)) for name in names])


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return repr(float(value)) if isinstance(value, float) else "" if value is None else value
