"""The report's plot of robustness: AUC against the level of each perturbation."""

from collections.abc import Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from avdf.model.evaluation.robustness import RobustnessRow
from avdf.model.report.style import COLOURS, GUIDE_COLOUR, figure_svg
from avdf.model.verdicts import REPORT_ORDER

_MOST_COLUMNS = 4
_LEVELS = range(6)  # 0: the videos as they are
_CHANCE = 0.5


def draw_robustness(rows: Sequence[RobustnessRow]) -> str:
    """A small plot for each perturbation, as SVG; '' where there is nothing to draw.

    Args:
        rows: of the videos as they are, then of each perturbation, by level.
    """
    clean, *perturbed = rows
    kinds = [list(own) for _, own in groupby(perturbed, lambda row: row.perturbation)]
    areas = [area for row in rows for area in row.auc if area is not None]
    if not kinds or not areas:
        return ""
    columns = min(_MOST_COLUMNS, len(kinds))
    lines = -(-len(kinds) // columns)
    lowest = min(0.4, min(areas) - 0.03)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(
            lines,
            columns,
            squeeze=False,
            sharey=True,
        )
        for axes, own in zip(grid.flat, kinds, strict=False):
            _draw_perturbation(axes, clean, own)
            axes.set_ylim(lowest, 1.03)
        for spare in grid.flat[len(kinds) :]:
            spare.set_axis_off()
        for line in grid:
            line[0].set_ylabel("AUC")
        grid.flat[0].legend(
            frameon=False,
            fontsize=7,
            loc="lower left",
        )

    # A single plot needs room for its legend.
    width = 1.9 * columns if columns > 1 else 3.0
    return figure_svg(draw, width, 2.0 * lines)


def _draw_perturbation(
    axes: Axes, clean: RobustnessRow, own: Sequence[RobustnessRow]
) -> None:
    levels = [0, *(row.level for row in own)]
    for verdict in REPORT_ORDER:
        areas = [row.auc[verdict] for row in (clean, *own)]
        # A verdict that one of the levels could not measure has no line.
        known = [area for area in areas if area is not None]
        if len(known) == len(levels):
            (line,) = axes.plot(
                levels,
                known,
                marker="o",
                markersize=2.5,
                linewidth=1.2,
            )
            line.set(color=COLOURS[verdict], label=verdict)
    axes.axhline(
        _CHANCE,
        color=GUIDE_COLOUR,
        linewidth=0.8,
        linestyle=":",
    )
    axes.set(title=own[0].perturbation, xticks=_LEVELS)
