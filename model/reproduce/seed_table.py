"""A table over several seeds: the mean of each metric, and how much it varies."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

from avdf.model.reproduce.result_table import Cell, ResultTable, TableRow


def join_seeds(tables: Mapping[int, ResultTable]) -> ResultTable:
    """One table from those of several seeds; rows that were not measured here stay as they are.

    A cell is empty where a seed has no value. Confidence intervals, which are over videos, stay
    with the tables of the seeds.

    Args:
        tables: by seed, at least two, with the same rows and columns.
    """
    seeds = list(tables)
    first = tables[seeds[0]]
    rows = []
    for number, row in enumerate(first.rows):
        if row.origin == "here":
            measured = [table.rows[number] for table in tables.values()]
            cells = {
                column: _join_cells([one.cells.get(column, Cell()) for one in measured])
                for column in first.columns
            }
            rows.append(TableRow(row.method, row.origin, cells))
        else:
            rows.append(row)
    note = (
        f"mean ± standard deviation over {len(seeds)} trainings (training.seed {seeds[0]} to "
        f"{seeds[-1]}; model.seed counts up in the same way), all scored on the same test videos; "
        "the table of each seed N, with confidence intervals, is in the folder seed-N. The notes "
        f"below are of seed {seeds[0]}"
    )
    return replace(first, rows=tuple(rows), notes=(note, *first.notes))


def _join_cells(cells: Sequence[Cell]) -> Cell:
    values = [cell.value for cell in cells if cell.value is not None]
    if len(values) < len(cells):
        return Cell()
    halves = [cell.at_half for cell in cells if cell.at_half is not None]
    has_halves = len(halves) == len(cells)
    return Cell(
        value=statistics.fmean(values),
        at_half=statistics.fmean(halves) if has_halves else None,
        spread=statistics.stdev(values),
        by_seed=tuple(values),
    )
