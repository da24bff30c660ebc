"""`report.html`: one file that a reader can open anywhere: figures, curves, every video, what was left out."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.axes import Axes
from sklearn.metrics import precision_recall_curve, roc_curve

from avdf.cache.durable import write_text
from avdf.cache.video import FAKE, REAL
from avdf.model.checkpoint import CheckpointInfo
from avdf.model.curves import RunCurves, draw_curves
from avdf.model.drawing import COLOURS, FAKE_COLOUR, REAL_COLOUR, figure_svg
from avdf.model.evaluate import Evaluation, weights_note
from avdf.model.metrics import known
from avdf.model.predict import VERDICTS
from avdf.model.score import Scores, SegmentRow, VideoScore
from avdf.model.verdict import Judgement

_LABELS = {"video": "label", "visual": "label_visual", "audio": "label_audio"}
_MOST_MISTAKES = 12
_MOST_ROWS = 2000  # of the table of videos; the CSV has all


@dataclass(frozen=True)
class Mistake:
    """A video whose verdict is wrong, with how far its score lies on the wrong side."""

    video: VideoScore
    distance: float
    strip: Markup


def write_report(
    path: Path,
    title: str,
    scores: Scores,
    evaluation: Evaluation,
    checkpoint: CheckpointInfo,
    curves: RunCurves,
    judgement: Judgement,
) -> None:
    """Write the report of a scoring run; `curves` are those of the training that made the checkpoint."""
    environment = Environment(
        loader=PackageLoader("avdf.model", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(percent=_percent, number=_number)
    strips = _strips(scores.segments)
    context: dict[str, Any] = {
        "title": title,
        "version": version("avdf"),
        "scores": scores,
        "evaluation": evaluation,
        "checkpoint": checkpoint,
        "weights_note": weights_note(checkpoint.backbones),
        "verdicts": ("video", "visual", "audio"),
        "plots": _plots(scores, evaluation),
        "judgement": _how(judgement, evaluation),
        "curves": Markup(draw_curves(curves)),
        "mistakes": _mistakes(scores, evaluation, strips),
        "rows": [(video, strips.get(video.id, "")) for video in scores.videos[:_MOST_ROWS]],
        "hidden": max(0, len(scores.videos) - _MOST_ROWS),
        "reasons": Counter(
            (video.status, video.reason) for video in scores.videos if video.status != "ok"
        ).most_common(),
    }
    write_text(path, environment.get_template("report.html.j2").render(context))


_AGGREGATES = {
    "mean": "the mean of its segments",
    "logit": "the mean of its segments' logits",
    "top": "the mean of the highest quarter of its segments",
    "lse": "log-mean-exp of its segments' logits",
}


def _how(judgement: Judgement, evaluation: Evaluation) -> str:
    """Sentences on how a video's score came about."""
    text = f"A video's score is {_AGGREGATES[judgement.aggregate]}."
    if any(heat != 1 for heat in judgement.temperatures.values()):
        heats = ", ".join(f"{name} {heat:.2f}" for name, heat in judgement.temperatures.items())
        text += f" Calibrated on validation videos, temperatures: {heats}."
    if judgement.abstain:
        video = evaluation.decided["video"]
        text += (
            f" Within {judgement.abstain:g} of the threshold nothing is said: {video.unsure} videos are unsure; of the "
            f"other {video.decided}, {_percent(video.accuracy)} are right."
        )
    return text


def _plots(scores: Scores, evaluation: Evaluation) -> list[tuple[str, Markup]]:
    plots = []
    if any(metrics.auc is not None for metrics in evaluation.verdicts.values()):
        plots += [
            ("ROC: fakes found against real videos accused", _svg(lambda axes: _roc(axes, scores))),
            ("Precision and recall for fakes", _svg(lambda axes: _precision_recall(axes, scores))),
            ("Calibration: how often a score is right", _svg(lambda axes: _calibration(axes, scores))),
        ]
    if scores.scored:
        groups = _groups(scores)
        height = 1.2 + 0.36 * len(groups)
        plots.append(
            (
                "Score of the video by kind",
                _svg(lambda axes: _spread(axes, groups, evaluation), height=height, width=6.6),
            )
        )
    return plots


def _svg(draw: Callable[[Axes], None], width: float = 3.1, height: float = 2.9) -> Markup:
    return Markup(figure_svg(lambda figure: draw(figure.add_subplot()), width, height))


def _columns(scores: Scores, verdict: str) -> tuple[Any, Any]:
    videos = scores.scored
    labels = np.array([getattr(video, _LABELS[verdict]) for video in videos], np.int64)
    return known(labels, np.array([getattr(video, f"p_{verdict}") for video in videos], np.float64))


def _each_verdict(scores: Scores) -> list[tuple[str, Any, Any]]:
    found = [(name, *_columns(scores, name)) for name in _LABELS]
    return [(name, labels, values) for name, labels, values in found if len(np.unique(labels)) == 2]


def _roc(axes: Axes, scores: Scores) -> None:
    for name, labels, values in _each_verdict(scores):
        x, y, _ = roc_curve(labels, values)
        axes.plot(x, y, color=COLOURS[name], label=name)
    axes.plot([0, 1], [0, 1], color="#999", linewidth=0.8, linestyle=":")
    axes.set(xlabel="real videos called fake", ylabel="fakes found", xlim=(-0.02, 1), ylim=(0, 1.02))
    axes.legend(frameon=False, loc="lower right")


def _precision_recall(axes: Axes, scores: Scores) -> None:
    for name, labels, values in _each_verdict(scores):
        precision, recall, _ = precision_recall_curve(labels, values)
        axes.plot(recall, precision, color=COLOURS[name], label=name)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(frameon=False, loc="lower left")


def _calibration(axes: Axes, scores: Scores) -> None:
    for name, labels, values in _each_verdict(scores):
        bins = np.minimum((values * 10).astype(int), 9)
        used = np.unique(bins)
        axes.plot(
            [values[bins == index].mean() for index in used],
            [labels[bins == index].mean() for index in used],
            marker="o", markersize=3, color=COLOURS[name], label=name,
        )  # fmt: skip
    axes.plot([0, 1], [0, 1], color="#999", linewidth=0.8, linestyle=":")
    axes.set(xlabel="P(fake), mean of the bin", ylabel="share that is fake", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(frameon=False, loc="lower right")


def _groups(scores: Scores) -> list[tuple[str, int, list[float]]]:
    """(name, label, scores) by category where there are categories, else by label."""
    found: dict[tuple[int, str], list[float]] = {}
    for video in scores.scored:
        name = video.category or {REAL: "real", FAKE: "fake"}.get(video.label, "unknown")
        found.setdefault((video.label, name), []).append(video.p_video or 0.0)
    return [(name, label, values) for (label, name), values in sorted(found.items())]


def _spread(axes: Axes, groups: Sequence[tuple[str, int, list[float]]], evaluation: Evaluation) -> None:
    generator = np.random.default_rng(0)
    for place, (_, label, values) in enumerate(groups):
        shift = generator.uniform(-0.25, 0.25, len(values))
        colour = {REAL: REAL_COLOUR, FAKE: FAKE_COLOUR}.get(label, "#777")
        axes.scatter(values, place + shift, s=9, alpha=0.6, color=colour, linewidths=0)
        axes.plot([np.median(values)] * 2, [place - 0.35, place + 0.35], color=colour, linewidth=2)
    axes.axvline(evaluation.thresholds.video, color="#333", linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(groups)), [f"{name} ({len(values)})" for name, _, values in groups])
    axes.set(xlabel="P(fake) of the video; dashed: threshold; bar: median", xlim=(-0.02, 1.02))
    axes.invert_yaxis()


def _mistakes(scores: Scores, evaluation: Evaluation, strips: dict[str, Markup]) -> list[Mistake]:
    threshold = evaluation.thresholds.video
    wrong = [
        Mistake(video, abs(video.p_video - threshold), strips.get(video.id, Markup("")))
        for video in scores.scored
        if video.p_video is not None
        and video.label in (REAL, FAKE)
        and video.verdict != "unsure"
        and (video.verdict == "fake") != (video.label == FAKE)
    ]
    return sorted(wrong, key=lambda mistake: -mistake.distance)[:_MOST_MISTAKES]


def _strips(segments: Sequence[SegmentRow]) -> dict[str, Markup]:
    """For each video, P(fake) of its segments over time: three rows (picture, sound, video) of small cells."""
    by_video: dict[str, list[SegmentRow]] = {}
    for segment in segments:
        by_video.setdefault(segment.id, []).append(segment)
    return {name: _strip(rows) for name, rows in by_video.items()}


def _strip(rows: Sequence[SegmentRow]) -> Markup:
    cell, height = 6, 7
    shown = rows[:60]
    boxes = [
        f'<rect x="{column * cell}" y="{line * height}" width="{cell - 1}" height="{height - 1}" '
        f'fill="{_heat(probability)}"/>'
        for column, row in enumerate(shown)
        for line, verdict in enumerate(VERDICTS)
        if (probability := getattr(row, f"p_{verdict}")) is not None
    ]
    label = f"P(fake) of {len(rows)} segments: picture, sound, video"
    return Markup(
        f'<svg class="strip" width="{len(shown) * cell}" height="{3 * height}" role="img" aria-label="{label}">'
        f"{''.join(boxes)}</svg>"
    )


def _heat(probability: float) -> str:
    """From blue (real) over pale to red (fake)."""
    real, middle, fake = np.array([42, 111, 151]), np.array([240, 236, 228]), np.array([187, 62, 3])
    share = abs(probability - 0.5) * 2
    red, green, blue = (middle + ((fake if probability >= 0.5 else real) - middle) * share).astype(int).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
