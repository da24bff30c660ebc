"""`report.html`: one file that a reader can open anywhere: figures, curves, every video, what was left out."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from avdf.cache.core.labels import label_name
from avdf.cache.files.atomic_file import write_text
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.metrics_document import weights_note
from avdf.model.evaluation.robustness import RobustnessRow
from avdf.model.report.curves import draw_curves
from avdf.model.report.details import choose_details
from avdf.model.report.material import ReportMaterial
from avdf.model.report.number_text import interval, number, percent, percents
from avdf.model.report.origin import Origin, how_judged, withheld_note
from avdf.model.report.plots import draw_plots
from avdf.model.report.robustness_plot import draw_robustness
from avdf.model.report.score_strip import strip
from avdf.model.report.timeline_figure import legend
from avdf.model.report.words import spelled_out
from avdf.model.scoring.rows import ScoredVideos, SegmentRow
from avdf.model.verdicts import REPORT_ORDER, Verdict

_MOST_ROWS = 1500  # of the table of videos; the CSV has all


def write_report(
    path: Path,
    scores: ScoredVideos,
    evaluation: Evaluation,
    material: ReportMaterial,
    origin: Origin | None = None,
    robustness: Sequence[RobustnessRow] = (),
) -> None:
    """Write the report. Without `origin`, of scores that another detector gave."""
    environment = Environment(
        loader=PackageLoader("avdf.model.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent,
        number=number,
        interval=interval,
        percents=percents,
        spelled=spelled_out,
        word=label_name,
    )
    segments = _by_video(scores.segments)
    shown = scores.videos[:_MOST_ROWS]
    context: dict[str, Any] = {
        "title": material.title,
        "version": version("avdf"),
        "scores": scores,
        "evaluation": evaluation,
        "origin": origin,
        "weights_note": weights_note(origin.checkpoint.backbones) if origin else "",
        "verdicts": [name for name in REPORT_ORDER if _given(scores, name)],
        "located": [
            (name, evaluation.localisation[name])
            for name in REPORT_ORDER
            if evaluation.localisation[name]
        ],
        "labelled": evaluation.has_labels,
        "plots": draw_plots(scores, evaluation),
        "judgement": how_judged(origin.judgement, evaluation) if origin else "",
        "curves": Markup(draw_curves(origin.curves)) if origin else "",
        "details": choose_details(scores, evaluation, segments, material, origin),
        "rests_on": origin.judgement.rests_on if origin else "",
        "withheld": withheld_note(scores, origin),
        "thresholds": evaluation.thresholds.as_dict(),
        "names": {"video": "video", "visual": "picture", "audio": "sound"},
        "command": material.command,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "legend": legend(),
        "rows": [
            (video, strip(segments[video.info.id]) if video.info.id in segments else "")
            for video in shown
        ],
        "hidden": len(scores.videos) - len(shown),
        "robustness": robustness,
        "robustness_plot": Markup(draw_robustness(robustness)) if robustness else "",
        "reasons": Counter(
            (video.status, video.reason) for video in scores.videos if video.status != "ok"
        ).most_common(),
    }
    write_text(path, environment.get_template("report.html.j2").render(context))


def _given(scores: ScoredVideos, verdict: Verdict) -> bool:
    return verdict == "video" or any(
        video.probability[verdict] is not None for video in scores.videos
    )


def _by_video(segments: Sequence[SegmentRow]) -> dict[str, list[SegmentRow]]:
    found: dict[str, list[SegmentRow]] = {}
    for segment in segments:
        found.setdefault(segment.id, []).append(segment)
    return found
