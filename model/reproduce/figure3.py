"""Figure 3: the visual and audio features compared by type of video, under several losses.

The paper's figure has the cosine distance of frames under its two losses. Beside them stands a
loss that is not the paper's, and below them `sync` of the same videos.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from avdf.model.reproduce.ablations import INFONCE
from avdf.model.reproduce.comparison import ByType, Comparison, read_comparison
from avdf.model.reproduce.experiments import (
    ETHNIC_PROTOCOL,
    FAKEAVCELEB,
    FIGURE_3_RUNS,
    ScoreSpec,
)
from avdf.model.reproduce.figure3_plot import TYPE_COLOURS, draw_figure_3
from avdf.model.reproduce.workspace import DISTANCES_FILE, METRICS_FILE, Workspace

_PAPER_NOTE = (
    "in the paper's (b), real videos have the smallest distances, then FVFA, FVRA and RVFA; the "
    "paper gives no numbers"
)
_OTHERS_NOTE = (
    f"the paper has the distances under the first two losses; {INFONCE.title} and sync are not "
    "the paper's"
)
_SYNC_NOTE = (
    "distance counts frames. sync counts segments: the distance as the video is, less the median "
    "over offsets of the sound of up to 0.32 s. Below 0: picture and sound fit better as they are "
    "than moved; 0: as well"
)


@dataclass(frozen=True)
class Quartiles:
    """Quartiles of one way of comparing, over one type of video, under one loss.

    measure  `distance` or `sync`
    count    how many frames have a distance, or how many segments have `sync`
    """

    loss: str
    measure: str
    type: str
    count: int
    lower: float
    median: float
    upper: float


@dataclass(frozen=True)
class Figure3:
    """The figure as SVG, its quartiles, and the notes to print below them."""

    svg: str
    rows: tuple[Quartiles, ...]
    notes: tuple[str, ...]

    def as_json(self) -> str:
        return json.dumps([asdict(row) for row in self.rows], indent=1)

    def as_markdown(self) -> str:
        """The quartiles as a table."""
        rows = [_line(row) for row in self.rows]
        notes = [f"- {note}" for note in self.notes]
        lines = [
            "### Figure 3: cosine distance of the frame-level features and sync, by type",
            "",
            "| loss | measure | type | count | lower quartile | median | upper quartile |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            *notes,
            "",
        ]
        return "\n".join(lines)


def make_figure_3(workspace: Workspace) -> Figure3:
    """The figure, from scores that are finished.

    Raises:
        RunError: a file of distances cannot be read, or is of an older avdf.
    """
    by_loss: dict[str, Comparison] = {}
    rows: list[Quartiles] = []
    weights_notes: list[str] = []
    for loss, run in FIGURE_3_RUNS.items():
        spec = ScoreSpec(run, FAKEAVCELEB, ETHNIC_PROTOCOL)
        folder = workspace.score_folder(spec)
        comparison = _in_order(read_comparison(folder / DISTANCES_FILE))
        by_loss[loss] = comparison
        rows += _quartiles(loss, comparison)
        weights_notes.append(_weights_note(folder))
    # All runs have the same backbones, so that one note on their weights is enough.
    notes = (_PAPER_NOTE, _OTHERS_NOTE, _SYNC_NOTE, workspace.note, weights_notes[0])
    return Figure3(
        svg=draw_figure_3(by_loss),
        rows=tuple(rows),
        notes=tuple(note for note in notes if note),
    )


def _line(row: Quartiles) -> str:
    quartiles = f"{row.lower:.3f} | {row.median:.3f} | {row.upper:.3f}"
    return f"| {row.loss} | {row.measure} | {row.type} | {row.count} | {quartiles} |"


def _quartiles(loss: str, comparison: Comparison) -> Iterator[Quartiles]:
    for measure, by_type in comparison.parts.items():
        for kind, values in by_type.items():
            lower, median, upper = np.percentile(values, [25, 50, 75]).tolist()
            yield Quartiles(
                loss=loss,
                measure=measure,
                type=kind,
                count=len(values),
                lower=lower,
                median=median,
                upper=upper,
            )


def _in_order(comparison: Comparison) -> Comparison:
    """The same with the types in the order in which all panels and tables list them."""

    def ordered(by_type: ByType) -> ByType:
        # A type of which nothing was compared has no quartiles.
        kinds = [kind for kind in TYPE_COLOURS if len(by_type.get(kind, ()))]
        return {kind: by_type[kind] for kind in kinds}

    return Comparison(ordered(comparison.distance), ordered(comparison.sync))


def _weights_note(folder: Path) -> str:
    metrics = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    return str(metrics["weights_note"])
