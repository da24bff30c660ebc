"""The plot of how a run was trained: losses, distances, learning rate and validation AUC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from avdf.model.report.style import (
    COLOURS,
    DISTANCE_COLOUR,
    FAKE_COLOUR,
    INK,
    REAL_COLOUR,
    SYNC_COLOUR,
    figure_svg,
)
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import read_log
from avdf.model.verdicts import REPORT_ORDER

Lines = Sequence[Mapping[str, Any]]  # of a log: name -> value

# Points of a curve: longer runs are averaged over stretches of steps.
_MOST_POINTS = 300
# Below so many points, each is marked.
_FEW_POINTS = 30

# What each plot shows: the name of a value in the log, and its colour.
_LOSSES: dict[str, str] = {
    "loss": INK,
    "video": COLOURS.video,
    "visual": COLOURS.visual,
    "audio": COLOURS.audio,
    "matching": DISTANCE_COLOUR,
}
_DISTANCES = {"matched_distance": REAL_COLOUR, "mismatched_distance": FAKE_COLOUR}
_IDLE = {"matching_zero": DISTANCE_COLOUR}
_WITHIN = {"within_visual": COLOURS.visual, "within_audio": COLOURS.audio}
_VALIDATION = {
    **{f"auc_{verdict}": COLOURS[verdict] for verdict in REPORT_ORDER},
    # Whether picture and sound belong together; logs of older runs do not have it.
    "auc_sync": SYNC_COLOUR,
}


@dataclass(frozen=True)
class RunCurves:
    """The lines of a run's logs.

    steps   of `log.jsonl`, one for each training step
    epochs  of `epochs.jsonl`, one for each validation
    """

    steps: Lines
    epochs: Lines


def read_curves(folder: RunFolder) -> RunCurves:
    """What a run's logs hold so far."""
    return RunCurves(read_log(folder.log), read_log(folder.epochs))


def draw_curves(curves: RunCurves) -> str:
    """The plot as SVG; '' where no step was taken."""
    if not curves.steps:
        return ""

    def draw(figure: Figure) -> None:
        losses, distances, idle, rate, validation, within = figure.subplots(3, 2).flat
        _draw_lines(losses, curves.steps, _LOSSES, "loss")
        _draw_lines(distances, curves.steps, _DISTANCES, "distance")
        _draw_lines(idle, curves.epochs, _IDLE, "steps with matching loss 0")
        idle.set_ylim(-0.02, 1.02)
        _draw_lines(within, curves.epochs, _WITHIN, "variance within segments")
        within.set_ylim(-0.02, 1.02)
        _draw_lines(rate, curves.steps, {"rate": INK}, "learning rate")
        rate.set_yscale("log")
        # The usual formatter writes powers of ten as formulas, which are switched off.
        rate.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        rate.yaxis.set_minor_formatter(NullFormatter())
        _draw_lines(validation, curves.epochs, _VALIDATION, "validation AUC")
        validation.set_ylim(-0.02, 1.02)

    return figure_svg(draw, 6.8, 6.9)


def _draw_lines(
    axes: Axes,
    rows: Lines,
    colours: Mapping[str, str],
    title: str,
) -> None:
    """One line for each name that has values."""
    for name, colour in colours.items():
        points = [(row["step"], row[name]) for row in rows if row.get(name) is not None]
        if not points:
            continue
        # Means over stretches of steps, where there are more points than can be seen.
        parts = np.array_split(
            np.array(points, np.float64), min(len(points), _MOST_POINTS)
        )
        x, y = np.array([part.mean(axis=0) for part in parts]).T
        label = name.removeprefix("auc_").removeprefix("within_")
        label = label.removesuffix("_distance")
        marker = "o" if len(x) < _FEW_POINTS else None
        axes.plot(
            x,
            y,
            color=colour,
            linewidth=1.2,
            marker=marker,
            markersize=2.5,
            label=label,
        )
    axes.set(title=title, xlabel="step")
    if len(axes.lines) > 1:
        axes.legend(frameon=False, fontsize=7)
