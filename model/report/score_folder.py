"""The folder of a scoring run: tables, figures, the report, and files for other programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.csv_table import write_rows, write_table
from avdf.cache.files.ownership import claim_folder
from avdf.model.evaluation.evaluate import Evaluation, evaluate
from avdf.model.evaluation.exports import export
from avdf.model.evaluation.metrics_document import figures_document, metrics_document
from avdf.model.evaluation.robustness import (
    PERTURBED_COLUMNS,
    ROBUSTNESS_COLUMNS,
    RobustnessResult,
)
from avdf.model.evaluation.timeline_tables import (
    TIMELINE_COLUMNS,
    IntervalRow,
    interval_rows,
    timeline_rows,
)
from avdf.model.inference.decision import Judgement
from avdf.model.peers.loading import LoadedPeer
from avdf.model.report.curves import read_curves
from avdf.model.report.html import write_report
from avdf.model.report.material import ReportMaterial
from avdf.model.report.origin import Origin
from avdf.model.report.peer_origin import PeerOrigin
from avdf.model.report.robustness_plot import draw_robustness
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.face_rows import FACE_COLUMNS
from avdf.model.scoring.rows import SEGMENT_COLUMNS, VIDEO_COLUMNS, ScoredVideos


def write_scores(
    out: Path,
    scores: ScoredVideos,
    run: LoadedRun,
    material: ReportMaterial,
    judgement: Judgement | None = None,
    *,
    robustness: Sequence[RobustnessResult] = (),
    exports: Sequence[str] = (),
) -> Evaluation:
    """Evaluate scores, and write all that belongs to them into a folder.

    Args:
        judgement: how the videos were judged; None: as the run does.
        robustness: the figures of perturbed videos, those of the videos as they are first.
        exports: formats for other programs.

    Raises:
        SettingsError: an export that these scores cannot give.
    """
    judgement = judgement or run.judgement()
    evaluation = evaluate(scores, judgement.thresholds)
    claim_folder(out, "scores")
    for name in exports:
        export(name, out, scores)
    write_score_tables(out, scores, judgement)
    if robustness:
        _write_robustness(out, robustness)
    _write_metrics(out, scores, evaluation, run, judgement)
    origin = Origin(run.info, read_curves(run.folder), judgement)
    rows = [result.row for result in robustness]
    write_report(out / "report.html", scores, evaluation, material, origin, rows)
    return evaluation


def write_peer_scores(
    out: Path,
    scores: ScoredVideos,
    peer: LoadedPeer,
    material: ReportMaterial,
    judgement: Judgement,
    *,
    robustness: Sequence[RobustnessResult] = (),
    exports: Sequence[str] = (),
) -> Evaluation:
    """As `write_scores`, of a detector of others.

    Raises:
        SettingsError: an export that these scores cannot give.
    """
    evaluation = evaluate(scores, judgement.thresholds)
    claim_folder(out, "scores")
    for name in exports:
        export(name, out, scores)
    write_score_tables(out, scores, judgement)
    if robustness:
        _write_robustness(out, robustness)
    document = {
        "detector": peer.as_dict(),
        "rests_on": judgement.rests_on,
        "aggregate": judgement.aggregate,
        "abstain": judgement.abstain,
        **figures_document(scores, evaluation),
    }
    write_text(out / "metrics.json", json.dumps(document, indent=1))
    rows = [result.row for result in robustness]
    shown = replace(material, peer=PeerOrigin(peer, judgement))
    write_report(out / "report.html", scores, evaluation, shown, None, rows)
    return evaluation


def write_score_tables(out: Path, scores: ScoredVideos, judgement: Judgement) -> None:
    """Write `segments.csv` and `videos.csv`, and those of the other tables that have rows."""
    write_table(out / "segments.csv", SEGMENT_COLUMNS, scores.segments)
    write_table(out / "videos.csv", VIDEO_COLUMNS, scores.videos)
    if scores.faces:
        write_table(out / "faces.csv", FACE_COLUMNS, scores.faces)
    if scores.timelines:
        write_table(out / "timeline.csv", TIMELINE_COLUMNS, timeline_rows(scores))
        write_rows(out / "intervals.csv", IntervalRow, interval_rows(scores, judgement))


def _write_robustness(out: Path, robustness: Sequence[RobustnessResult]) -> None:
    """The tables and the plot of perturbed videos."""
    rows = [result.row for result in robustness]
    videos = [video for result in robustness for video in result.videos]
    write_table(out / "robustness.csv", ROBUSTNESS_COLUMNS, rows)
    write_table(out / "robustness_videos.csv", PERTURBED_COLUMNS, videos)
    if plot := draw_robustness(rows):
        write_text(out / "robustness.svg", plot)


def _write_metrics(
    out: Path,
    scores: ScoredVideos,
    evaluation: Evaluation,
    run: LoadedRun,
    judgement: Judgement,
) -> None:
    """All figures as JSON, with the machines and libraries that computed them."""
    document = metrics_document(scores, evaluation, run.info, judgement)
    computed = {"training": run.info.computed, "scoring": run.computed}
    document["computed"] = {
        when: asdict(one) if one else None for when, one in computed.items()
    }
    write_text(out / "metrics.json", json.dumps(document, indent=1))
