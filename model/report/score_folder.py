"""Everything about scores, written into a folder: tables, figures, timelines, the report, files for others."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from avdf.cache.core.errors import SegmentError
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.csv_table import write_rows
from avdf.cache.files.ownership import claim_folder
from avdf.cache.stream.batches import VideoRef, list_shard_videos
from avdf.model.evaluation.evaluate import Evaluation, evaluate, metrics_document
from avdf.model.evaluation.exports import export
from avdf.model.evaluation.localization import suspect_intervals
from avdf.model.evaluation.robustness import PerturbedVideo, RobustnessRow
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import VERDICTS, or_none
from avdf.model.report.curves import read_curves
from avdf.model.report.evidence import Evidence, shard_evidence
from avdf.model.report.html import EvidenceOf, Origin, write_report
from avdf.model.report.robustness_plot import draw_robustness
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.rows import Scores, SegmentRow, VideoScore


@dataclass(frozen=True)
class TimelineRow:
    """A line of `timeline.csv`: one frame of a video."""

    id: str
    time: float
    p_visual: float | None
    p_audio: float | None
    p_video: float | None
    distance: float | None


@dataclass(frozen=True)
class IntervalRow:
    """A line of `intervals.csv`: where a verdict's P(fake) lies above its threshold; `score`: the mean inside."""

    id: str
    verdict: str
    start: float
    end: float
    score: float


def write_scores(
    out: Path,
    scores: Scores,
    run: LoadedRun,
    title: str,
    judgement: Judgement | None = None,
    *,
    evidence_of: EvidenceOf = lambda _: None,
    robustness: Sequence[tuple[RobustnessRow, Sequence[PerturbedVideo]]] = (),
    exports: Sequence[str] = (),
    facts: Mapping[str, FileFacts] | None = None,
    command: str = "",
) -> Evaluation:
    """Evaluate scores and write them.

    Args:
        facts: of the files that were scored, by id, for the report.
        command: that was given, for the report.

    Raises:
        SettingsError: an export that these scores cannot give.
    """
    judgement = judgement or run.judgement()
    evaluation = evaluate(scores, judgement.thresholds)
    claim_folder(out, "scores")
    for name in exports:
        export(name, out, scores)
    write_rows(out / "segments.csv", SegmentRow, scores.segments)
    write_rows(out / "videos.csv", VideoScore, scores.videos)
    if scores.timelines:
        write_rows(out / "timeline.csv", TimelineRow, timeline_rows(scores))
        write_rows(out / "intervals.csv", IntervalRow, interval_rows(scores, judgement))
    rows = [row for row, _ in robustness]
    if rows:
        write_rows(out / "robustness.csv", RobustnessRow, rows)
        write_rows(
            out / "robustness_videos.csv",
            PerturbedVideo,
            [one for _, own in robustness for one in own],
        )
        if picture := draw_robustness(rows):
            write_text(out / "robustness.svg", picture)
    document = metrics_document(scores, evaluation, run.info, judgement)
    computed = {"training": run.info.computed, "scoring": run.computed}
    document["computed"] = {when: asdict(one) if one else None for when, one in computed.items()}
    write_text(out / "metrics.json", json.dumps(document, indent=1))
    origin = Origin(run.info, read_curves(run.folder), judgement)
    write_report(
        out / "report.html",
        title,
        scores,
        evaluation,
        origin,
        evidence_of,
        rows,
        facts or {},
        command,
    )
    return evaluation


def evidence_in(shards: Path) -> EvidenceOf:
    """Crops and sound of any video of a folder of shards, read when asked for."""
    known: dict[str, VideoRef] = {}

    def find(name: str) -> Evidence | None:
        if not known:
            known.update({video.info.id: video for video in list_shard_videos(shards)})
        try:
            return shard_evidence(known[name]) if name in known else None
        except (
            SegmentError
        ):  # a crop that no segment needed: the figures stand, the pictures are left out
            return None

    return find


def timeline_rows(scores: Scores) -> Iterable[TimelineRow]:
    """Every frame of every timeline."""
    for name, timelines in scores.timelines.items():
        for timeline in timelines:
            columns = (timeline.times.tolist(), timeline.fake.tolist(), timeline.distance.tolist())
            for time, fake, distance in zip(*columns, strict=True):
                values = (or_none(value) for value in (*fake, distance))
                yield TimelineRow(name, round(time, 3), *values)


def interval_rows(scores: Scores, judgement: Judgement) -> Iterable[IntervalRow]:
    """Where each verdict lies above its threshold; nothing of videos on which no verdict is given."""
    withheld = {video.id for video in scores.scored if judgement.withheld(video.synthetic)}
    for name, timelines in scores.timelines.items():
        for verdict in VERDICTS if name not in withheld else ():
            for one in suspect_intervals(
                timelines, verdict, getattr(judgement.thresholds, verdict)
            ):
                yield IntervalRow(name, verdict, round(one.start, 3), round(one.end, 3), one.score)
