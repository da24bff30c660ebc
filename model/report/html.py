"""`report.html`: one file that opens anywhere, without a network and without scripts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from avdf.cache.core.labels import label_name
from avdf.cache.files.atomic_file import write_text
from avdf.cache.shards.inputs_table import OK
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.metrics_document import weights_note
from avdf.model.evaluation.robustness import RobustnessRow
from avdf.model.inference.decision import Judgement
from avdf.model.likelihood.likeness_words import compared_words
from avdf.model.likelihood.ratio_words import PROPOSITIONS, ratio_words, support_words
from avdf.model.report.curves import draw_curves
from avdf.model.report.details import DetailSource, has_offsets, make_details
from avdf.model.report.material import ReportMaterial
from avdf.model.report.number_text import interval, number, p_value, percent, percents
from avdf.model.report.origin import Origin, how_judged
from avdf.model.report.peer_origin import PeerOrigin
from avdf.model.report.plots import draw_plots
from avdf.model.report.robustness_plot import draw_robustness
from avdf.model.report.score_strip import strip
from avdf.model.report.sync_sentence import BASIS_ID, sync_basis, sync_class
from avdf.model.report.timeline_figure import legend
from avdf.model.report.withheld import withheld_note
from avdf.model.report.words import VERDICT_TITLES, spelled_out
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.verdicts import REPORT_ORDER, Verdict

# Rows of the table of videos: a browser takes no more. `videos.csv` has all of them.
_MOST_ROWS = 1500

Context = dict[str, Any]  # name in the template -> value


def write_report(
    path: Path,
    scores: ScoredVideos,
    evaluation: Evaluation,
    material: ReportMaterial,
    origin: Origin | None = None,
    robustness: Sequence[RobustnessRow] = (),
) -> None:
    """Write the report.

    Args:
        origin: the run that gave the scores; None where another detector did.
        robustness: the figures of perturbed videos, those of the videos as they are first.
    """
    segments = _by_video(scores.segments)
    source = DetailSource(scores, evaluation, segments, material, origin)
    details = make_details(source)
    context: Context = {
        "title": material.title,
        "command": material.command,
        "version": version("avdf"),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "scores": scores,
        "legend": legend(any(has_offsets(detail) for detail in details)),
        "with_sync": any(video.sync.examined for video in scores.videos),
        "basis_id": BASIS_ID,
        "order": REPORT_ORDER,
        "titles": VERDICT_TITLES,
        "details": details,
        "ratio_models": origin.judgement.ratios if origin else material.ratios,
        "has_curves": any(
            detail.persons or 'class="time"' in detail.figure for detail in details
        ),
        "beside": material.compared,
        "robustness": robustness,
        "robustness_plot": Markup(draw_robustness(robustness)) if robustness else "",
        **_figures(scores, evaluation),
        **_origin(scores, evaluation, origin),
        **_peer(evaluation, material.peer),
        **_videos(scores, segments),
    }
    page = page_environment().get_template("report.html.j2").render(context)
    write_text(path, page)


def page_environment() -> Environment:
    """Templates in which everything is escaped, and a name that is missing is an error."""
    environment = Environment(
        loader=PackageLoader("avdf.model.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=percent,
        percents=percents,
        number=number,
        interval=interval,
        p_value=p_value,
        spelled=spelled_out,
        word=label_name,
        ratio=ratio_words,
        sync_class=sync_class,
    )
    return environment


def _figures(scores: ScoredVideos, evaluation: Evaluation) -> Context:
    """The figures and their plots."""
    located = [(name, evaluation.localisation[name]) for name in REPORT_ORDER]
    verdicts = [name for name in REPORT_ORDER if _is_given(scores, name)]
    known = [(name, found) for name, found in located if found]
    return {
        "evaluation": evaluation,
        "thresholds": evaluation.thresholds,
        "labelled": evaluation.has_labels,
        "verdicts": verdicts,
        "located": known,
        "plots": draw_plots(scores, evaluation),
    }


def _is_given(scores: ScoredVideos, verdict: Verdict) -> bool:
    """Whether a verdict has a place in the report; that on the video always has."""
    scored = [video.probability[verdict] is not None for video in scores.videos]
    return verdict == "video" or any(scored)


def _origin(
    scores: ScoredVideos, evaluation: Evaluation, origin: Origin | None
) -> Context:
    """What the scores rest on; nothing is known of another detector."""
    if origin is None:
        names = (
            "withheld",
            "weights_note",
            "judgement",
            "rests_on",
            "curves",
            "sync_basis",
            "ratio_basis",
            "propositions",
            "compared",
        )
        return {"origin": None, **dict.fromkeys(names, ""), "run_notes": ()}
    return {
        "origin": origin,
        "withheld": withheld_note(scores, origin.judgement),
        "weights_note": weights_note(origin.checkpoint.backbones),
        "judgement": how_judged(origin.judgement, evaluation),
        "rests_on": origin.judgement.rests_on,
        "run_notes": origin.checkpoint.notes,
        "sync_basis": sync_basis(origin.judgement.sync),
        "ratio_basis": _ratio_basis(origin.judgement),
        "propositions": PROPOSITIONS,
        "compared": compared_words(origin.judgement.reference),
        "curves": Markup(draw_curves(origin.curves)),
    }


def _peer(evaluation: Evaluation, origin: PeerOrigin | None) -> Context:
    """The detector of others that was run, in place of what is said of a run."""
    if origin is None:
        return {"peer": None}
    description, judgement = origin.peer.description, origin.judgement
    is_window = description.unit == "window"
    return {
        "peer": origin.peer,
        "rests_on": judgement.rests_on,
        "judgement": how_judged(judgement, evaluation) if is_window else "",
    }


def _ratio_basis(judgement: Judgement) -> list[tuple[str, str]]:
    """For each verdict, what its likelihood ratios rest on; nothing where none were asked for."""
    if judgement.ratios is None:
        return []
    return [(name, support_words(judgement.ratios[name])) for name in REPORT_ORDER]


def _videos(
    scores: ScoredVideos, segments: Mapping[str, Sequence[SegmentRow]]
) -> Context:
    """The table of videos, and why some have no scores."""
    shown = scores.videos[:_MOST_ROWS]
    failed = [video for video in scores.videos if video.status != OK]
    reasons = Counter((video.status, video.reason) for video in failed)
    return {
        "rows": [(video, _strip_of(video, segments)) for video in shown],
        "hidden": len(scores.videos) - len(shown),
        "reasons": reasons.most_common(),
    }


def _strip_of(
    video: VideoScore, segments: Mapping[str, Sequence[SegmentRow]]
) -> Markup:
    own = segments.get(video.info.id)
    return strip(own) if own else Markup("")


def _by_video(segments: Sequence[SegmentRow]) -> dict[str, list[SegmentRow]]:
    found: dict[str, list[SegmentRow]] = {}
    for segment in segments:
        found.setdefault(segment.id, []).append(segment)
    return found
