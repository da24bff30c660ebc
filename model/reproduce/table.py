"""Our figures beside the paper's, as a table for people (Markdown) and for programs (JSON)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from avdf.model.protocols.fakeavceleb import CATEGORIES
from avdf.model.reproduce.job import DRAWN, METRICS, Workplace
from avdf.model.reproduce.plan import FAKEAVCELEB, KODF, ScoreSpec, held_out
from avdf.model.reproduce.published import TABLES

# column -> (verdict, figure) in metrics.json
_FIGURES = {
    "Acc.": ("video", "accuracy"), "AUC": ("video", "auc"), "AP": ("video", "average_precision"),
    "Acc._v": ("visual", "accuracy"), "AUC_v": ("visual", "auc"),
    "Acc._a": ("audio", "accuracy"), "AUC_a": ("audio", "auc"),
}  # fmt: skip
ACCURACY_NOTE = (
    "Acc. here: at the threshold found on validation videos, then at 0.5; the paper does not say its own, but the 55.2 "
    "and 97.6 of its single branches are such as 0.5 gives"
)
_AVERAGE = "AVG-FV"
_FAKE_VISUAL = CATEGORIES[1:]


@dataclass(frozen=True)
class Cell:
    """A figure in per cent with its 95 % interval; None where there is none.

    at_half  of an accuracy: that at threshold 0.5, `value` being that at the validation threshold
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    at_half: float | None = None


@dataclass(frozen=True)
class TableRow:
    """`origin`: `published` (another method's, from the paper), `paper` (the paper's own), `here` (measured now)."""

    method: str
    origin: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class ResultTable:
    """One of the paper's tables with our rows in it. `notes` say what the figures rest on."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...]

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    def as_markdown(self) -> str:
        """Rows of other methods are marked as published; below each of the paper's own stands ours."""
        lines = [
            f"### {self.title}",
            "",
            f"| method | {' | '.join(self.columns)} |",
            "|---" * (len(self.columns) + 1) + "|",
        ]
        words = {"published": " (published, not run)", "paper": " (paper)", "here": " **(here)**"}
        for row in self.rows:
            cells = " | ".join(
                _words(row.cells.get(column, Cell()), row.origin != "here")
                for column in self.columns
            )
            lines.append(f"| {row.method}{words[row.origin]} | {cells} |")
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes), ""])


def _words(cell: Cell, exact: bool) -> str:
    """`exact`: with all the digits that were printed; else with one decimal, as the interval has."""
    if cell.value is None:
        return "–"
    if exact:
        return f"{cell.value:g}"
    span = "" if cell.low is None or cell.high is None else f" ({cell.low:.1f}–{cell.high:.1f})"
    half = "" if cell.at_half is None else f"; at 0.5: {cell.at_half:.1f}"
    return f"{cell.value:.1f}{span}{half}"


def make_table(name: str, place: Workplace, data: Sequence[str]) -> ResultTable:
    """A table from finished scores; `data`: the datasets that were scored."""
    published = TABLES[name]
    rows: list[TableRow] = []
    notes: dict[str, None] = dict.fromkeys(
        [place.note] if place.note else []
    )  # in order, each once
    for method, figures in published.rows.items():
        own = method in published.run_of
        cells = {column: Cell(value) for column, value in figures.items()}
        rows.append(TableRow(method, "paper" if own else "published", cells))
        if own:
            cells, told = (
                _table_2(place)
                if name == "table2"
                else _ours(name, published.run_of[method], place, data)
            )
            rows.append(TableRow(method, "here", cells))
            notes |= dict.fromkeys(told)
    kodf = any("KoDF" in column for column in published.columns)
    if kodf and KODF not in data:
        notes["KoDF was not given (--kodf): its columns are empty"] = None
    if any("Acc." in column for column in published.columns):
        notes[ACCURACY_NOTE] = None
    return ResultTable(name, published.title, published.columns, tuple(rows), tuple(notes))


def _ours(
    name: str, run: str, place: Workplace, data: Sequence[str]
) -> tuple[dict[str, Cell], list[str]]:
    """A run's cells; KoDF's are means over its draws, with the interval of all that were drawn."""
    cells: dict[str, Cell] = {}
    told: list[str] = []
    for dataset in data:
        columns = [column for column in TABLES[name].columns if _is_of(column, name) == dataset]
        if not columns:
            continue
        metrics = _read(place, run, dataset)
        told += _notes(metrics)
        for column in columns:
            cells[column] = _cell(metrics, column.removeprefix("KoDF "))
            if dataset == KODF:
                cells[column], spread = _over_draws(cells[column], column, place, run)
                told += spread
    return cells, told


def _is_of(column: str, table: str) -> str:
    return KODF if column.startswith("KoDF ") or table == "table3" else FAKEAVCELEB


def _over_draws(cell: Cell, column: str, place: Workplace, run: str) -> tuple[Cell, list[str]]:
    path = place.score_folder(ScoreSpec(run, KODF, "")) / DRAWN
    figure = _FIGURES[column.removeprefix("KoDF ")][1]
    draws: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    values = [100 * draw[figure] for draw in draws if draw[figure] is not None]
    if not values:
        return cell, []
    told = [f"KoDF: means of {len(values)} draws; the intervals are of all that were drawn"]
    if max(values) - min(values) >= 0.05:
        told.append(f"{run}, {column}: the draws give {min(values):.1f} to {max(values):.1f}")
    halves = [
        100 * draw["accuracy_at_half"] for draw in draws if draw["accuracy_at_half"] is not None
    ]
    half = sum(halves) / len(halves) if cell.at_half is not None and halves else None
    return Cell(sum(values) / len(values), cell.low, cell.high, half), told


def _table_2(place: Workplace) -> tuple[dict[str, Cell], list[str]]:
    cells: dict[str, Cell] = {}
    told: list[str] = []
    for category in CATEGORIES:
        metrics = _read(place, held_out(category), FAKEAVCELEB)
        told += _notes(metrics)
        cells |= {f"{category} {figure}": _cell(metrics, figure) for figure in ("AP", "AUC")}
    for figure in ("AP", "AUC"):
        values = [cells[f"{category} {figure}"].value for category in _FAKE_VISUAL]
        known = [value for value in values if value is not None]
        cells[f"{_AVERAGE} {figure}"] = Cell(
            sum(known) / len(known) if len(known) == len(values) else None
        )
    return cells, told


def _read(place: Workplace, run: str, data: str) -> dict[str, Any]:
    folder = place.score_folder(ScoreSpec(run, data, ""))
    found: dict[str, Any] = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    return found


def _cell(metrics: Mapping[str, Any], column: str) -> Cell:
    verdict, figure = _FIGURES[column]
    own = metrics["verdicts"][verdict]
    if own[figure] is None:
        return Cell()
    low, high = own["interval_95"].get(figure) or (None, None)
    half = own["accuracy_at_half"] if figure == "accuracy" else None
    low, high, half = (None if value is None else 100 * value for value in (low, high, half))
    return Cell(100 * own[figure], low, high, half)


def _notes(metrics: Mapping[str, Any]) -> list[str]:
    protocol = metrics["protocol"]
    told = [metrics["rests_on"]] if metrics.get("rests_on") else []
    told += [metrics["weights_note"]] if metrics["weights_note"] else []
    told.append(
        f"protocol {protocol['name']}, version {protocol['version']}, sha256 {protocol['sha256'][:16]}"
    )
    told += [
        f"{protocol['name']}: {what}"
        for what in (*protocol["shortfall"], *protocol.get("notes", ()))
    ]
    video = metrics["verdicts"]["video"]
    if video["all_fake_accuracy"] is not None:
        told.append(
            f"{protocol['name']}: {video['real']} real, {video['fake']} fake; calling all fake: "
            f"{100 * video['all_fake_accuracy']:.2f} %"
        )
    return told
