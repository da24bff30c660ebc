"""Plots of likelihood ratios: how often they mislead (Tippett), and what they are worth (ECE)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.likelihood.ratio_cost import best_in_order, cross_entropy
from avdf.model.metrics import Labels, known
from avdf.model.report.style import COLOURS, GUIDE_COLOUR, figure_svg
from avdf.model.scoring.rows import VideoScore
from avdf.model.verdicts import REPORT_ORDER, Verdict, labels_of

TIPPETT_CAPTION = (
    "Tippett plot: the share of fakes (solid) and of real videos (dashed) whose likelihood ratio "
    "is larger than the value below; at 0, a fake that is not larger and a real video that is are "
    "misleading"
)
ENTROPY_CAPTION = (
    "Empirical cross-entropy: how uncertain somebody with these prior odds of fake remains, in "
    "bits. Solid: with these ratios; dashed: with the best ratios in the same order; dotted: "
    "without ratios"
)

_ODDS = np.linspace(-2.5, 2.5, 101)  # log10 of the prior odds

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Ratios:
    """The ratios of one verdict: labels (n,) 0 or 1, and log10(LR) (n,)."""

    verdict: Verdict
    labels: Labels
    log10_ratio: Array


def draw_ratios(videos: Sequence[VideoScore]) -> tuple[tuple[str, Markup], ...]:
    """Caption and SVG of each plot; none without ratios of both classes."""
    every = [
        found for verdict in REPORT_ORDER if (found := _ratios_of(videos, verdict))
    ]
    if not every:
        return ()

    def tippett(figure: Figure) -> None:
        _draw_tippett(figure.add_subplot(), every)

    def entropy(figure: Figure) -> None:
        _draw_entropy(figure.add_subplot(), every)

    return (
        (TIPPETT_CAPTION, Markup(figure_svg(tippett, 3.1, 2.9))),
        (ENTROPY_CAPTION, Markup(figure_svg(entropy, 3.1, 2.9))),
    )


def _ratios_of(videos: Sequence[VideoScore], verdict: Verdict) -> _Ratios | None:
    labels = np.array([labels_of(video.info)[verdict] for video in videos], np.int64)
    ratios = np.array([video.log10_ratio[verdict] for video in videos], np.float64)
    labels, ratios = known(labels, ratios)
    if {REAL, FAKE} - set(labels.tolist()):
        return None
    return _Ratios(verdict, labels, ratios)


def _draw_tippett(axes: Axes, every: Sequence[_Ratios]) -> None:
    for one in every:
        for label, style in ((FAKE, "-"), (REAL, "--")):
            ordered = np.sort(one.log10_ratio[one.labels == label])
            larger = 1 - np.arange(len(ordered) + 1) / len(ordered)
            # From the left edge, where all are larger, down a step at each ratio.
            edges = np.concatenate([[ordered[0]], ordered])
            name = one.verdict if label == FAKE else None
            axes.step(
                edges,
                larger,
                where="post",
                linestyle=style,
                color=COLOURS[one.verdict],
                label=name,
            )
    axes.axvline(0.0, color=GUIDE_COLOUR, linewidth=0.8, linestyle=":")
    axes.set(xlabel="log10 of the likelihood ratio", ylabel="share that is larger")
    axes.set(ylim=(-0.02, 1.02))
    axes.legend(frameon=False, fontsize=7)


def _draw_entropy(axes: Axes, every: Sequence[_Ratios]) -> None:
    for one in every:
        colour = COLOURS[one.verdict]
        best = best_in_order(one.labels, one.log10_ratio)
        with_ratios = cross_entropy(one.labels, one.log10_ratio, _ODDS)
        axes.plot(_ODDS, with_ratios, color=colour, label=one.verdict)
        axes.plot(_ODDS, cross_entropy(one.labels, best, _ODDS), color=colour, ls="--")
    # Ratios of 1 leave the uncertainty of the prior odds, whatever the labels.
    first = every[0]
    without = cross_entropy(first.labels, np.zeros(len(first.labels)), _ODDS)
    axes.plot(_ODDS, without, color=GUIDE_COLOUR, linestyle=":")
    axes.set(xlabel="log10 of the prior odds of fake", ylabel="bits")
    axes.set(ylim=(0, 1.1))
    axes.legend(frameon=False, fontsize=7)
