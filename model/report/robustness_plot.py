"""The report's plot of robustness: AUC against the level of each perturbation."""

from collections.abc import Sequence
from itertools import groupby

from matplotlib.figure import Figure

from avdf.model.evaluation.robustness import RobustnessRow
from avdf.model.report.style import COLOURS, figure_svg
from avdf.model.verdicts import REPORT_ORDER


def draw_robustness(rows: Sequence[RobustnessRow]) -> str:
    """AUC against level, a small plot for each perturbation, as SVG; '' where there is nothing to draw."""
    clean, kinds = (
        rows[0],
        [list(own) for _, own in groupby(rows[1:], lambda row: row.perturbation)],
    )
    areas = [
        area for row in rows for verdict in REPORT_ORDER if (area := row.auc[verdict]) is not None
    ]
    if not kinds or not areas:
        return ""
    columns = min(4, len(kinds))
    lines = -(-len(kinds) // columns)
    lowest = min(0.4, min(areas) - 0.03)

    def draw(figure: Figure) -> None:
        axes = figure.subplots(lines, columns, squeeze=False, sharey=True)
        for plot, own in zip(axes.flat, kinds, strict=False):
            levels = [0, *(row.level for row in own)]
            for verdict in REPORT_ORDER:
                values = [row.auc[verdict] for row in (clean, *own)]
                if None not in values:
                    plot.plot(
                        levels,
                        values,
                        color=COLOURS[verdict],
                        marker="o",
                        markersize=2.5,
                        linewidth=1.2,
                        label=verdict,
                    )
            plot.axhline(0.5, color="#999", linewidth=0.8, linestyle=":")
            plot.set(title=own[0].perturbation, ylim=(lowest, 1.03), xticks=range(6))
        for spare in axes.flat[len(kinds) :]:
            spare.set_axis_off()
        for line in axes:
            line[0].set_ylabel("AUC")
        axes.flat[0].legend(frameon=False, fontsize=7, loc="lower left")

    return figure_svg(draw, 1.9 * columns if columns > 1 else 3.0, 2.0 * lines)
