"""Read the CSV files that the product writes."""

import csv
from pathlib import Path


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, each as column -> text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
