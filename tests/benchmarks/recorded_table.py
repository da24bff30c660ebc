"""The table of `recorded_sync`: what the tested pairs of all folds come to."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.benchmarks.pooled_auc import Estimate, Scored, pooled_auc

# Title of a column, and which made pairs it is about.
KINDS = {
    "another speaker's sound": ("other_speaker", 0),
    "own other sound": ("own_other", 0),
    "0.2 s": ("shifted", 5),
    "0.4 s": ("shifted", 10),
    "0.8 s": ("shifted", 20),
}
MEASURES = {
    "sync": "sync",
    "sync_wide": "sync, median over all offsets",
    "sync_frames": "sync frame by frame, over ±8 frames",
    "distance": "mean distance",
}
TOLERANCE_MS = 40
_MS_PER_FRAME = 40

Row = dict[str, Any]
Seeds = list[list[Row]]  # the tested pairs of each seed


def read_tested(out: Path, variant: str, folds: int) -> Seeds:
    """The tested pairs of a variant; a list for each seed of which every fold was tested."""
    found: dict[str, list[list[Row]]] = {}
    for file in sorted((out / "tested").glob(f"{variant}-seed*-fold*.json")):
        seed = file.stem.rpartition("-")[0]
        content = json.loads(file.read_text(encoding="utf-8"))
        found.setdefault(seed, []).append(content["pairs"])
    return [list(chain(*parts)) for parts in found.values() if len(parts) == folds]


def figures(seeds: Seeds) -> dict[str, Any]:
    """AUC of each measure and kind of pair, and how often the offset is found."""
    areas: dict[str, dict[str, Any]] = {}
    for measure in MEASURES:
        areas[measure] = {
            title: asdict(_area(seeds, measure, kind)) for title, kind in KINDS.items()
        }
    return {
        "auc": areas,
        "seeds": len(seeds),
        "genuine_in_time": _share_found(seeds, "genuine"),
        "shift_found": _share_found(seeds, "shifted"),
    }


def _area(seeds: Seeds, measure: str, kind: tuple[str, int]) -> Estimate:
    return pooled_auc([_scored(rows, measure, kind) for rows in seeds])


def _scored(rows: Sequence[Row], measure: str, kind: tuple[str, int]) -> Scored:
    name, shift = kind
    genuine = [row for row in rows if row["kind"] == "genuine"]
    made = [row for row in rows if row["kind"] == name and abs(row["shift"]) == shift]
    return Scored(
        genuine=_values(genuine, measure),
        genuine_speakers=_speakers(genuine),
        made=_values(made, measure),
        made_speakers=_speakers(made),
    )


def _values(rows: Sequence[Row], measure: str) -> npt.NDArray[np.float64]:
    return np.array([row[measure] for row in rows])


def _speakers(rows: Sequence[Row]) -> npt.NDArray[np.str_]:
    return np.array([row["speaker"] for row in rows])


def _share_found(seeds: Seeds, kind: str) -> float:
    """The share of pairs whose best offset is within 40 ms of the true one, over all seeds."""
    right = [
        abs(row["offset_ms"] - _MS_PER_FRAME * row["shift"]) <= TOLERANCE_MS
        for rows in seeds
        for row in rows
        if row["kind"] == kind
    ]
    return float(np.mean(right))


def table_text(variants: dict[str, dict[str, Any]]) -> str:
    """Markdown: a table for each measure, with a row for each variant."""
    parts = []
    for measure, title in MEASURES.items():
        lines = [f"AUC of {title}:", "", _line(["variant", *KINDS])]
        lines.append("|---" * (len(KINDS) + 1) + "|")
        for name, found in variants.items():
            cells = [_cell(found["auc"][measure][column]) for column in KINDS]
            lines.append(_line([name, *cells]))
        parts.append("\n".join(lines))
    lines = [
        "Best offset within 40 ms of the true one:",
        "",
        _line(["variant", "seeds", "genuine", "shifted"]),
        "|---|---|---|---|",
    ]
    for name, found in variants.items():
        shares = (found["genuine_in_time"], found["shift_found"])
        cells = [f"{100 * share:.0f} %" for share in shares]
        lines.append(_line([name, str(found["seeds"]), *cells]))
    parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(area: dict[str, Any]) -> str:
    return f"{area['mean']:.2f} ({area['low']:.2f}–{area['high']:.2f})"
