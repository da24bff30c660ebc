"""The report's plots: ROC, precision and recall, calibration, and scores by kind of video."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from sklearn.metrics import precision_recall_curve, roc_curve

from avdf.cache.core.labels import FAKE, REAL, label_name
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.metrics import known
from avdf.model.report.style import COLOURS, FAKE_COLOUR, REAL_COLOUR, figure_svg
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.verdicts import REPORT_ORDER, Verdict, labels_of

_MOST_POINTS = 250  # of a curve, and of dots for one kind: a page of 5,000 videos stays small


def draw_plots(scores: ScoredVideos, evaluation: Evaluation) -> list[tuple[str, Markup]]:
    """(caption, SVG) of each plot that these scores allow."""
    plots = []
    if any(measured.metrics.auc is not None for measured in evaluation.verdicts):
        plots += [
            ("ROC: fakes found against real videos accused", _svg(lambda axes: _roc(axes, scores))),
            ("Precision and recall for fakes", _svg(lambda axes: _precision_recall(axes, scores))),
            (
                "Calibration: how often a score is right",
                _svg(lambda axes: _calibration(axes, scores, evaluation), height=3.5),
            ),
        ]
    groups = _groups(scores)
    if any(label in (REAL, FAKE) or len(values) > 1 for _, label, values in groups):
        height = 1.2 + 0.36 * len(groups)
        svg = _svg(lambda axes: _spread(axes, groups, evaluation), height=height, width=6.6)
        plots.append(("Score of the video by kind", svg))
    return plots


def _svg(draw: Callable[[Axes], None], width: float = 3.1, height: float = 2.9) -> Markup:
    return Markup(figure_svg(lambda figure: draw(figure.add_subplot()), width, height))


def _columns(scores: ScoredVideos, verdict: Verdict) -> tuple[Any, Any]:
    videos = scores.scored
    labels = np.array([labels_of(video.info)[verdict] for video in videos], np.int64)
    return known(labels, np.array([video.probability[verdict] for video in videos], np.float64))


def _each_verdict(scores: ScoredVideos) -> list[tuple[Verdict, Any, Any]]:
    found = [(name, *_columns(scores, name)) for name in REPORT_ORDER]
    return [(name, labels, values) for name, labels, values in found if len(np.unique(labels)) == 2]


def _thin(x: Any, y: Any) -> tuple[Any, Any]:
    """A curve of many points, of which a page needs few: the first, the last, and some between."""
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MOST_POINTS)).round().astype(int))
    return x[chosen], y[chosen]


def _roc(axes: Axes, scores: ScoredVideos) -> None:
    for name, labels, values in _each_verdict(scores):
        x, y, _ = roc_curve(labels, values)
        axes.plot(*_thin(x, y), color=COLOURS[name], label=name)
    axes.plot([0, 1], [0, 1], color="#999", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="real videos called fake", ylabel="fakes found", xlim=(-0.02, 1), ylim=(0, 1.02)
    )
    axes.legend(frameon=False, loc="lower right")


def _precision_recall(axes: Axes, scores: ScoredVideos) -> None:
    for name, labels, values in _each_verdict(scores):
        precision, recall, _ = precision_recall_curve(labels, values)
        axes.plot(*_thin(recall, precision), color=COLOURS[name], label=name)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(frameon=False, loc="lower left")


def _calibration(axes: Axes, scores: ScoredVideos, evaluation: Evaluation) -> None:
    for name, labels, values in _each_verdict(scores):
        bins = np.minimum((values * 10).astype(int), 9)
        used = np.unique(bins)
        error = evaluation.verdicts[name].metrics.calibration_error
        axes.plot(
            [values[bins == index].mean() for index in used],
            [labels[bins == index].mean() for index in used],
            marker="o", markersize=3, color=COLOURS[name], label=f"{name} (error {error:.3f})",
        )  # fmt: skip
    axes.plot([0, 1], [0, 1], color="#999", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="P(fake), mean of the bin", ylabel="share that is fake", xlim=(0, 1), ylim=(0, 1.02)
    )
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.legend(
        frameon=False, loc="outside lower center", fontsize=7
    )  # below the plot: nothing is covered


def _groups(scores: ScoredVideos) -> list[tuple[str, int, list[float]]]:
    """(name, label, scores) by category where there are categories, else by label."""
    found: dict[tuple[int, str], list[float]] = {}
    for video in scores.scored:
        if video.probability.video is not None:
            label = video.info.label
            name = video.info.category or label_name(label)
            found.setdefault((label, name), []).append(video.probability.video)
    return [(name, label, values) for (label, name), values in sorted(found.items())]


def _spread(
    axes: Axes, groups: Sequence[tuple[str, int, list[float]]], evaluation: Evaluation
) -> None:
    generator = np.random.default_rng(0)
    for place, (_, label, values) in enumerate(groups):
        shown = np.sort(values)[
            np.unique(np.linspace(0, len(values) - 1, _MOST_POINTS).round().astype(int))
        ]
        shift = generator.uniform(-0.25, 0.25, len(shown))
        colour = {REAL: REAL_COLOUR, FAKE: FAKE_COLOUR}.get(label, "#777")
        axes.scatter(shown, place + shift, s=9, alpha=0.6, color=colour, linewidths=0)
        axes.plot([np.median(values)] * 2, [place - 0.35, place + 0.35], color=colour, linewidth=2)
    axes.axvline(evaluation.thresholds.video, color="#333", linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(groups)), [f"{name} ({len(values)})" for name, _, values in groups])
    axes.set(xlabel="P(fake) of the video; dashed: threshold; bar: median", xlim=(-0.02, 1.02))
    axes.invert_yaxis()
