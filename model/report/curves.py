"""How a run went, as a picture: losses, distances, learning rate, validation AUC over the steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from avdf.model.report.style import COLOURS, figure_svg
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import read_log

_LOSSES = {"loss": "#333", "video": COLOURS["video"], "visual": COLOURS["visual"], "audio": COLOURS["audio"],
           "matching": "#7b2d8b"}  # fmt: skip
_MOST_POINTS = 300  # of a line: longer runs are averaged over stretches of steps


@dataclass(frozen=True)
class RunCurves:
    """The lines of `log.jsonl`, one a step, and of `epochs.jsonl`, one a validation."""

    steps: Sequence[Mapping[str, Any]]
    epochs: Sequence[Mapping[str, Any]]


def read_curves(folder: RunFolder) -> RunCurves:
    """What a run's logs hold so far."""
    return RunCurves(read_log(folder.log), read_log(folder.epochs))


def draw_curves(curves: RunCurves) -> str:
    """The picture as SVG; '' where no step was taken."""
    if not curves.steps:
        return ""

    def draw(figure: Figure) -> None:
        losses, distances, rate, validation = figure.subplots(2, 2).flat
        _lines(losses, curves.steps, _LOSSES, "loss")
        _lines(
            distances,
            curves.steps,
            {"matched_distance": "#2a6f97", "mismatched_distance": "#bb3e03"},
            "distance",
        )
        _lines(rate, curves.steps, {"rate": "#333"}, "learning rate")
        rate.set_yscale("log")
        rate.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))  # the usual one writes formulas
        rate.yaxis.set_minor_formatter(NullFormatter())
        _lines(
            validation,
            curves.epochs,
            {f"auc_{name}": colour for name, colour in COLOURS.items()},
            "validation AUC",
        )
        validation.set_ylim(-0.02, 1.02)

    return figure_svg(draw, 6.8, 4.6)


def _lines(
    axes: Axes, rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str], title: str
) -> None:
    """One line for each name that has values, averaged over stretches where there are many."""
    for name, colour in colours.items():
        points = np.array(
            [(row["step"], row[name]) for row in rows if row.get(name) is not None], np.float64
        )
        if not len(points):
            continue
        parts = np.array_split(points, min(len(points), _MOST_POINTS))
        x, y = np.array([part.mean(axis=0) for part in parts]).T
        label = name.removeprefix("auc_").removesuffix("_distance")
        axes.plot(
            x,
            y,
            color=colour,
            linewidth=1.2,
            marker="o" if len(x) < 30 else None,
            markersize=2.5,
            label=label,
        )
    axes.set(title=title, xlabel="step")
    if len(axes.lines) > 1:
        axes.legend(frameon=False, fontsize=7)
