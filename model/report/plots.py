"""The report's plots: ROC, precision and recall, calibration, and scores by kind of video."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.verdict_metrics import labels_and_scores
from avdf.model.metrics import Labels, Scores, known
from avdf.model.report.ratio_plots import draw_ratios
from avdf.model.report.style import (
    COLOURS,
    FAKE_COLOUR,
    GUIDE_COLOUR,
    INK,
    REAL_COLOUR,
    UNKNOWN_COLOUR,
    figure_svg,
)
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.verdicts import REPORT_ORDER, Verdict

# Points of a curve, and dots of one kind: a page of 5,000 videos stays small.
_MOST_POINTS = 250
_CALIBRATION_BINS = 10
_CALIBRATION_CAPTION = (
    "Calibration: of the videos with a given score, the share that is really fake; "
    "on the diagonal the scores are exact"
)

Array = npt.NDArray[np.float64]


class Plot(NamedTuple):
    """A plot of the report: what is written below it, and its SVG."""

    caption: str
    svg: Markup


@dataclass(frozen=True)
class _Labelled:
    """One verdict on the videos that have a label and a score."""

    verdict: Verdict
    labels: Labels
    scores: Scores


@dataclass(frozen=True)
class _Kind:
    """The video scores of one category, or of one label where there are no categories."""

    name: str
    label: int
    scores: Array


def draw_plots(scores: ScoredVideos, evaluation: Evaluation) -> list[Plot]:
    """Each plot that these scores allow."""
    plots = []
    if any(measured.metrics.auc is not None for measured in evaluation.verdicts):
        plots += _curves(_labelled(scores), evaluation)
    plots += [Plot(caption, svg) for caption, svg in draw_ratios(scores.scored)]
    kinds = _kinds(scores)
    # A single unlabelled video has a score, and nothing to compare it with.
    if any(kind.label in (REAL, FAKE) or len(kind.scores) > 1 for kind in kinds):
        height = 1.2 + 0.36 * len(kinds)
        svg = _svg(
            lambda axes: _draw_kinds(axes, kinds, evaluation), width=6.6, height=height
        )
        plots.append(Plot("Scores of the videos, by kind", svg))
    return plots


def _curves(labelled: Sequence[_Labelled], evaluation: Evaluation) -> list[Plot]:
    """The plots that need both classes."""
    calibration = _svg(
        lambda axes: _draw_calibration(axes, labelled, evaluation), height=3.5
    )
    return [
        Plot(
            "ROC: the share of fakes found against the share of real videos called fake",
            _svg(lambda axes: _draw_roc(axes, labelled)),
        ),
        Plot(
            "Precision and recall for fakes",
            _svg(lambda axes: _draw_precision_recall(axes, labelled)),
        ),
        Plot(_CALIBRATION_CAPTION, calibration),
    ]


def _svg(
    draw: Callable[[Axes], None],
    width: float = 3.1,
    height: float = 2.9,
) -> Markup:
    def draw_alone(figure: Figure) -> None:
        draw(figure.add_subplot())

    return Markup(figure_svg(draw_alone, width, height))


def _labelled(scores: ScoredVideos) -> list[_Labelled]:
    """The verdicts that have videos of both classes."""
    found = []
    for verdict in REPORT_ORDER:
        labels, values = known(*labels_and_scores(scores.scored, verdict))
        if len(np.unique(labels)) == 2:
            found.append(_Labelled(verdict, labels, values))
    return found


def _draw_roc(axes: Axes, labelled: Sequence[_Labelled]) -> None:
    for one in labelled:
        x, y, _ = roc_curve(one.labels, one.scores)
        kept = _spread_indices(len(x))
        axes.plot(
            x[kept],
            y[kept],
            color=COLOURS[one.verdict],
            label=one.verdict,
        )
    _draw_diagonal(axes)
    axes.set(xlabel="share of real videos called fake", ylabel="share of fakes found")
    axes.set(xlim=(-0.02, 1), ylim=(0, 1.02))
    axes.legend(frameon=False, loc="lower right")


def _draw_precision_recall(axes: Axes, labelled: Sequence[_Labelled]) -> None:
    for one in labelled:
        precision, recall, _ = precision_recall_curve(one.labels, one.scores)
        kept = _spread_indices(len(recall))
        axes.plot(
            recall[kept],
            precision[kept],
            color=COLOURS[one.verdict],
            label=one.verdict,
        )
    axes.set(
        xlabel="recall",
        ylabel="precision",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )
    axes.legend(frameon=False, loc="lower left")


def _draw_calibration(
    axes: Axes, labelled: Sequence[_Labelled], evaluation: Evaluation
) -> None:
    """How often the videos of each tenth of the scores are fake."""
    for one in labelled:
        bins = (one.scores * _CALIBRATION_BINS).astype(int)
        bins = np.minimum(bins, _CALIBRATION_BINS - 1)
        used = np.unique(bins)
        means = [one.scores[bins == index].mean() for index in used]
        shares = [one.labels[bins == index].mean() for index in used]
        error = evaluation.verdicts[one.verdict].metrics.calibration_error
        label = f"{one.verdict} (error {error:.3f})"
        colour = COLOURS[one.verdict]
        axes.plot(
            means,
            shares,
            marker="o",
            markersize=3,
            color=colour,
            label=label,
        )
    _draw_diagonal(axes)
    axes.set(xlabel="P(fake), mean of the bin", ylabel="share that is fake")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    figure = axes.get_figure(root=True)
    assert figure is not None
    # Below the plot the legend covers nothing.
    figure.legend(frameon=False, loc="outside lower center", fontsize=7)


def _draw_diagonal(axes: Axes) -> None:
    axes.plot(
        [0, 1],
        [0, 1],
        color=GUIDE_COLOUR,
        linewidth=0.8,
        linestyle=":",
    )


def _spread_indices(length: int) -> npt.NDArray[np.int64]:
    """Indices of the first, the last, and some points between, at most as many as a page needs."""
    count = min(length, _MOST_POINTS)
    spread = np.linspace(0, length - 1, count)
    return np.unique(spread.round().astype(int))


def _kinds(scores: ScoredVideos) -> list[_Kind]:
    """The video scores by category where the dataset names one, otherwise by label."""
    found: dict[tuple[int, str], list[float]] = {}
    for video in scores.scored:
        p = video.probability.video
        if p is not None:
            label = video.info.label
            name = video.info.category or label_name(label)
            found.setdefault((label, name), []).append(p)
    return [
        _Kind(name, label, np.array(own))
        for (label, name), own in sorted(found.items())
    ]


def _draw_kinds(
    axes: Axes,
    kinds: Sequence[_Kind],
    evaluation: Evaluation,
) -> None:
    """A line of dots for each kind, spread a little so that they do not hide each other."""
    generator = np.random.default_rng(0)
    colours = {REAL: REAL_COLOUR, FAKE: FAKE_COLOUR}
    for line, kind in enumerate(kinds):
        ordered = np.sort(kind.scores)
        shown = ordered[_spread_indices(len(ordered))]
        shift = generator.uniform(-0.25, 0.25, len(shown))
        height = line + shift
        colour = colours.get(kind.label, UNKNOWN_COLOUR)
        axes.scatter(
            shown,
            height,
            s=9,
            alpha=0.6,
            color=colour,
            linewidths=0,
        )
        median = np.median(kind.scores)
        axes.plot(
            [median, median],
            [line - 0.35, line + 0.35],
            color=colour,
            linewidth=2,
        )
    axes.axvline(
        evaluation.thresholds.video,
        color=INK,
        linewidth=0.8,
        linestyle="--",
    )
    names = [f"{kind.name} ({len(kind.scores)})" for kind in kinds]
    axes.set_yticks(range(len(kinds)), names)
    axes.set(
        xlabel="P(fake) of the video; dashed: threshold; bar: median",
        xlim=(-0.02, 1.02),
    )
    axes.invert_yaxis()
