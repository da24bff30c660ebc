"""Figure 3: how far the picture's and the sound's features of one frame lie apart, by type of video."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from avdf.model.report.style import figure_svg
from avdf.model.reproduce.job import DISTANCES, METRICS, Workplace
from avdf.model.reproduce.plan import ETHNIC, FAKEAVCELEB, FIGURE_3_RUNS, ScoreSpec

_COLOURS = {"RVRA": "#2a6f97", "FVFA": "#e9a820", "FVRA": "#ca6702", "RVFA": "#9b2226"}
_BINS = 60


@dataclass(frozen=True)
class Distances:
    """Of one kind of video under one loss: frames, and quartiles of their cosine distance."""

    loss: str
    type: str
    frames: int
    lower: float
    median: float
    upper: float


def figure_3(place: Workplace) -> tuple[str, str, str]:
    """The picture as SVG, the quartiles as JSON, and as Markdown."""
    folders = {
        loss: place.score_folder(ScoreSpec(run, FAKEAVCELEB, ETHNIC))
        for loss, run in FIGURE_3_RUNS.items()
    }
    values = {loss: _read(folder) for loss, folder in folders.items()}
    rows = [
        Distances(loss, kind, len(own), *np.percentile(own, [25, 50, 75]).tolist())
        for loss, kinds in values.items()
        for kind, own in kinds.items()
    ]
    note = json.loads((next(iter(folders.values())) / METRICS).read_text(encoding="utf-8"))[
        "weights_note"
    ]
    lines = [
        "### Figure 3: cosine distance of the frame-level features, by type",
        "",
        "| loss | type | frames | lower quartile | median | upper quartile |",
        "|---|---|---|---|---|---|",
        *(
            f"| {row.loss} | {row.type} | {row.frames} | {row.lower:.3f} | {row.median:.3f} | {row.upper:.3f} |"
            for row in rows
        ),
        "",
        "- the paper, of (b): real least, then FVFA, FVRA, and RVFA most; it prints no figures",
        *(f"- {what}" for what in (place.note, note) if what),
        "",
    ]
    return _draw(values), json.dumps([asdict(row) for row in rows], indent=1), "\n".join(lines)


def _read(folder: Path) -> dict[str, npt.NDArray[np.float64]]:
    with np.load(folder / DISTANCES) as file:
        return {kind: file[kind] for kind in _COLOURS if kind in file.files and len(file[kind])}


def _draw(values: dict[str, dict[str, npt.NDArray[np.float64]]]) -> str:
    def draw(figure: Figure) -> None:
        for axes, letter, (loss, kinds) in zip(
            figure.subplots(1, len(values), squeeze=False).flat, "ab", values.items(), strict=False
        ):
            most = max(float(np.percentile(own, 99.5)) for own in kinds.values())
            edges = np.linspace(0, max(most, 1e-6), _BINS + 1)
            for kind, own in kinds.items():
                density, _ = np.histogram(own, edges, density=True)
                axes.stairs(density, edges, color=_COLOURS[kind], label=kind, fill=True, alpha=0.18)
                axes.stairs(density, edges, color=_COLOURS[kind], linewidth=1.2)
                axes.axvline(
                    float(np.median(own)), color=_COLOURS[kind], linewidth=0.8, linestyle="--"
                )
            axes.set(
                title=f"({letter}) {loss}", xlabel="cosine distance of a frame", ylabel="density"
            )
            axes.legend(frameon=False, fontsize=7)

    return figure_svg(draw, 7.2, 3.0)
