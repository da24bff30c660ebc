"""Figure 3: cosine distances of the visual and audio features of a frame, by type of video."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from avdf.model.report.style import figure_svg
from avdf.model.reproduce.experiments import (
    ETHNIC_PROTOCOL,
    FAKEAVCELEB,
    FIGURE_3_RUNS,
    ScoreSpec,
)
from avdf.model.reproduce.workspace import DISTANCES_FILE, METRICS_FILE, Workspace

Distances = Mapping[str, npt.NDArray[np.float64]]  # type of video -> (frames,)

_COLOURS = {
    "RVRA": "#2a6f97",
    "FVFA": "#e9a820",
    "FVRA": "#ca6702",
    "RVFA": "#9b2226",
}
_BINS = 60
_PAPER_NOTE = (
    "in the paper's (b), real videos have the smallest distances, then FVFA, FVRA and RVFA; the "
    "paper gives no numbers"
)


@dataclass(frozen=True)
class Quartiles:
    """Quartiles of the cosine distance over the frames of one type of video, under one loss."""

    loss: str
    type: str
    frames: int
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
            "### Figure 3: cosine distance of the frame-level features, by type",
            "",
            "| loss | type | frames | lower quartile | median | upper quartile |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            *notes,
            "",
        ]
        return "\n".join(lines)


def make_figure_3(workspace: Workspace) -> Figure3:
    """The figure, from scores that are finished."""
    panels: dict[str, Distances] = {}
    rows: list[Quartiles] = []
    weights_notes: list[str] = []
    for loss, run in FIGURE_3_RUNS.items():
        spec = ScoreSpec(run, FAKEAVCELEB, ETHNIC_PROTOCOL)
        folder = workspace.score_folder(spec)
        distances = _read_distances(folder)
        panels[loss] = distances
        for kind, values in distances.items():
            rows.append(_quartiles(loss, kind, values))
        weights_notes.append(_weights_note(folder))
    # Both runs have the same backbones, so that one note on their weights is enough.
    notes = (_PAPER_NOTE, workspace.note, weights_notes[0])
    return Figure3(
        svg=_draw(panels),
        rows=tuple(rows),
        notes=tuple(note for note in notes if note),
    )


def _line(row: Quartiles) -> str:
    quartiles = f"{row.lower:.3f} | {row.median:.3f} | {row.upper:.3f}"
    return f"| {row.loss} | {row.type} | {row.frames} | {quartiles} |"


def _quartiles(
    loss: str,
    kind: str,
    distances: npt.NDArray[np.float64],
) -> Quartiles:
    lower, median, upper = np.percentile(distances, [25, 50, 75]).tolist()
    return Quartiles(
        loss=loss,
        type=kind,
        frames=len(distances),
        lower=lower,
        median=median,
        upper=upper,
    )


def _read_distances(folder: Path) -> Distances:
    # In the order of `_COLOURS`, so that both panels and their legends list the types alike. A type
    # without frames has no quartiles.
    with np.load(folder / DISTANCES_FILE) as file:
        return {
            kind: file[kind]
            for kind in _COLOURS
            if kind in file.files and len(file[kind])
        }


def _weights_note(folder: Path) -> str:
    metrics = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    return str(metrics["weights_note"])


def _draw(panels: Mapping[str, Distances]) -> str:
    """The figure as SVG: a panel for each loss, a histogram for each type of video."""

    def draw(figure: Figure) -> None:
        axes_of_panels = figure.subplots(1, len(panels), squeeze=False).flat
        for axes, letter, loss in zip(axes_of_panels, "ab", panels, strict=False):
            _draw_panel(axes, panels[loss])
            axes.set(
                title=f"({letter}) {loss}",
                xlabel="cosine distance of a frame",
                ylabel="density",
            )
            axes.legend(frameon=False, fontsize=7)

    return figure_svg(draw, 7.2, 3.0)


def _draw_panel(axes: Axes, distances: Distances) -> None:
    # The axis ends before the rarest distances, which would press all others to the left.
    ends = [float(np.percentile(values, 99.5)) for values in distances.values()]
    most = max(ends)
    # Distances that are all 0 still need bins of some width.
    edges = np.linspace(0, max(most, 1e-6), _BINS + 1)
    for kind, values in distances.items():
        colour = _COLOURS[kind]
        # Densities, not counts: the types have very different numbers of videos.
        density, _ = np.histogram(values, edges, density=True)
        axes.stairs(
            density,
            edges,
            color=colour,
            label=kind,
            fill=True,
            alpha=0.18,
        )
        axes.stairs(density, edges, color=colour, linewidth=1.2)
        axes.axvline(
            float(np.median(values)),
            color=colour,
            linewidth=0.8,
            linestyle="--",
        )
