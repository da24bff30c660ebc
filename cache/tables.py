"""Rows of a dataclass as CSV, whole or not at all."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from avdf.cache.durable import write_text


def write_rows(path: Path, kind: type, rows: Sequence[Any]) -> None:
    """Write rows of one dataclass; None becomes an empty field, floats have six digits."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(kind)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _plain(value) for name, value in asdict(row).items()})
    write_text(path, text.getvalue())


def _plain(value: Any) -> Any:
    return f"{value:.6f}" if isinstance(value, float) else "" if value is None else value
