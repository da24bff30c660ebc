"""How verdicts hold when picture or sound are damaged: the same videos scored at each level."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from matplotlib.figure import Figure

from avdf.cache.clips import Clip
from avdf.model.drawing import COLOURS, figure_svg
from avdf.model.evaluation.evaluate import metrics_of
from avdf.model.metrics import Thresholds
from avdf.model.predict import LABEL_OF
from avdf.model.scores import Scores


class Damage(Protocol):
    """A perturbation at one level."""

    @property
    def name(self) -> str: ...
    @property
    def level(self) -> int: ...
    @property
    def value(self) -> float: ...
    def __call__(self, clip: Clip) -> Clip: ...


@dataclass(frozen=True)
class RobustnessRow:
    """A line of `robustness.csv`. Level 0 is the video as it is; `value` is in the perturbation's own unit.

    accuracy  of the video verdict, at the threshold of the undamaged validation videos
    """

    perturbation: str
    level: int
    value: float | None
    videos: int
    auc_video: float | None
    auc_visual: float | None
    auc_audio: float | None
    accuracy: float | None


@dataclass(frozen=True)
class PerturbedVideo:
    """A line of `robustness_videos.csv`."""

    perturbation: str
    level: int
    id: str
    p_visual: float | None
    p_audio: float | None
    p_video: float | None


def robustness(
    clean: Scores, damages: Sequence[Damage], score: Callable[["Damage"], Scores], thresholds: Thresholds
) -> Iterator[tuple[RobustnessRow, tuple[PerturbedVideo, ...]]]:
    """A row for the videos as they are, then one for each damage, each with its videos' scores."""
    yield _row("none", 0, None, clean, thresholds)
    for damage in damages:
        yield _row(damage.name.partition(":")[0], damage.level, damage.value, score(damage), thresholds)


def _row(
    name: str, level: int, value: float | None, scores: Scores, thresholds: Thresholds
) -> tuple[RobustnessRow, tuple[PerturbedVideo, ...]]:
    # the figures alone: intervals and every category would be drawn anew for each of 56 rows, and shown nowhere
    figures = {verdict: metrics_of(scores.scored, verdict, getattr(thresholds, verdict)) for verdict in LABEL_OF}
    areas = {f"auc_{verdict}": metrics.auc for verdict, metrics in figures.items()}
    videos = tuple(
        PerturbedVideo(name, level, video.id, video.p_visual, video.p_audio, video.p_video) for video in scores.scored
    )
    row = RobustnessRow(name, level, value, len(videos), accuracy=figures["video"].accuracy, **areas)
    return row, videos


def draw_robustness(rows: Sequence[RobustnessRow]) -> str:
    """AUC against level, a small plot for each perturbation, as SVG; '' where there is nothing to draw."""
    clean, kinds = rows[0], [list(own) for _, own in groupby(rows[1:], lambda row: row.perturbation)]
    areas = [area for row in rows for verdict in COLOURS if (area := getattr(row, f"auc_{verdict}")) is not None]
    if not kinds or not areas:
        return ""
    columns = min(4, len(kinds))
    lines = -(-len(kinds) // columns)
    lowest = min(0.4, min(areas) - 0.03)

    def draw(figure: Figure) -> None:
        axes = figure.subplots(lines, columns, squeeze=False, sharey=True)
        for plot, own in zip(axes.flat, kinds, strict=False):
            levels = [0, *(row.level for row in own)]
            for verdict, colour in COLOURS.items():
                values = [getattr(row, f"auc_{verdict}") for row in (clean, *own)]
                if None not in values:
                    plot.plot(levels, values, color=colour, marker="o", markersize=2.5, linewidth=1.2, label=verdict)
            plot.axhline(0.5, color="#999", linewidth=0.8, linestyle=":")
            plot.set(title=own[0].perturbation, ylim=(lowest, 1.03), xticks=range(6))
        for spare in axes.flat[len(kinds) :]:
            spare.set_axis_off()
        for line in axes:
            line[0].set_ylabel("AUC")
        axes.flat[0].legend(frameon=False, fontsize=7, loc="lower left")

    return figure_svg(draw, 1.9 * columns if columns > 1 else 3.0, 2.0 * lines)
