"""Figure 3 as a picture: a column for each loss, histograms by type of video."""

from collections.abc import Mapping, Sequence
from string import ascii_lowercase

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from avdf.model.report.style import GUIDE_COLOUR, INK, figure_svg
from avdf.model.reproduce.comparison import ByType, Comparison

# In the order in which panels, legend and table list the types.
TYPE_COLOURS = {
    "RVRA": "#2a6f97",
    "FVFA": "#e9a820",
    "FVRA": "#ca6702",
    "RVFA": "#9b2226",
}
_DISTANCE_BINS = 60
# A video has 16 times as many frames as segments.
_SYNC_BINS = 20
_COLUMN_WIDTH, _HEIGHT = 3.4, 5.4  # inches

Edges = npt.NDArray[np.float64]


def draw_figure_3(by_loss: Mapping[str, Comparison]) -> str:
    """An SVG element: distances in the upper row, `sync` in the lower one.

    Args:
        by_loss: name of the loss -> what the scores of its run say.
    """
    losses = list(by_loss)
    distances = [comparison.distance for comparison in by_loss.values()]
    syncs = [comparison.sync for comparison in by_loss.values()]
    sync_edges = _sync_edges(syncs)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(2, len(losses), squeeze=False)
        for axes, letter, loss in zip(
            grid.flat, ascii_lowercase, [*losses, *losses], strict=False
        ):
            axes.set_title(f"({letter}) {loss}")
        for axes, by_type in zip(grid[0], distances, strict=True):
            _draw_panel(axes, by_type, _distance_edges(by_type))
            axes.set_xlabel("cosine distance of a frame")
        for axes, by_type in zip(grid[1], syncs, strict=True):
            axes.axvline(0.0, color=GUIDE_COLOUR, linewidth=0.8)
            _draw_panel(axes, by_type, sync_edges)
            axes.set_xlabel("sync of a segment (below 0: fits as it is)")
        for axes in grid[:, 0]:
            axes.set_ylabel("density")
        _draw_legend(figure, [*distances, *syncs])

    return figure_svg(draw, _COLUMN_WIDTH * len(losses), _HEIGHT)


def _distance_edges(by_type: ByType) -> Edges:
    # The axis ends before the rarest distances, which would press all others to the left.
    ends = [float(np.percentile(values, 99.5)) for values in by_type.values()]
    # Distances that are all 0 still need bins of some width.
    return np.linspace(0.0, max([*ends, 1e-6]), _DISTANCE_BINS + 1)


def _sync_edges(panels: Sequence[ByType]) -> Edges:
    """The same edges for each loss: under which of them `sync` is larger is what is to be seen."""
    ends = [0.0]
    for by_type in panels:
        for values in by_type.values():
            ends += np.percentile(values, [0.5, 99.5]).tolist()
    low, high = min(ends), max(ends)
    return np.linspace(low, max(high, low + 1e-6), _SYNC_BINS + 1)


def _draw_panel(axes: Axes, by_type: ByType, edges: Edges) -> None:
    """A histogram of each type, and a dashed line at its median."""
    if not by_type:
        axes.text(
            0.5,
            0.5,
            "nothing was compared",
            ha="center",
            color=INK,
            transform=axes.transAxes,
        )
    for kind, values in by_type.items():
        colour = TYPE_COLOURS[kind]
        # Densities, not counts: the types have very different numbers of videos.
        density, _ = np.histogram(values, edges, density=True)
        axes.stairs(
            density,
            edges,
            color=colour,
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


def _draw_legend(figure: Figure, panels: Sequence[ByType]) -> None:
    """One legend for all panels: the types that any of them has."""
    handles = [
        Line2D([], [], color=colour, linewidth=3.0, label=kind)
        for kind, colour in TYPE_COLOURS.items()
        if any(kind in by_type for by_type in panels)
    ]
    handles.append(
        Line2D([], [], color=INK, linewidth=0.8, linestyle="--", label="median")
    )
    figure.legend(
        handles=handles,
        loc="outside upper center",
        ncols=len(handles),
        frameon=False,
    )
