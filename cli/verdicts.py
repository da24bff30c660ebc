"""What `avdf score` and its like print: verdicts of files, figures of a set, or all of it as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import typer

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.files.csv_table import flat
from avdf.cache.shards.inputs_table import OK
from avdf.cache.stream.silence import NO_AUDIO
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.proposals import SPANS_UNDER_REAL
from avdf.model.evaluation.timeline_tables import IntervalRow, interval_rows
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.inference.timeline import Timeline
from avdf.model.report.evidence import Evidence
from avdf.model.scoring.rows import SEGMENT_COLUMNS, VIDEO_COLUMNS, ScoredVideos, VideoScore
from avdf.model.verdicts import REPORT_ORDER, VERDICTS


def as_document(
    scores: ScoredVideos,
    evaluation: Evaluation,
    judgement: Judgement,
    seen: Mapping[str, Evidence],
    facts: Mapping[str, FileFacts],
    command: str,
) -> str:
    """Everything as JSON: videos, files, segments, timelines, intervals, faces, metrics. null: no value."""
    content = {
        "rests_on": judgement.rests_on,
        "notes": list(scores.notes),
        "run_notes": list(judgement.notes),
        "command": command,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {name: asdict(one) for name, one in facts.items()},
        "videos": [flat(video, VIDEO_COLUMNS) for video in scores.videos],
        "segments": [flat(segment, SEGMENT_COLUMNS) for segment in scores.segments],
        "timelines": {name: [_plain(one) for one in own] for name, own in scores.timelines.items()},
        "intervals": [asdict(row) for row in interval_rows(scores, judgement)],
        "faces": {
            name: {"people": evidence.people, "tracks": [asdict(face) for face in evidence.faces]}
            for name, evidence in seen.items()
        },
        "thresholds": judgement.thresholds.as_dict(),
        "metrics": evaluation.as_dict(),
    }
    return json.dumps(content, indent=1)


def _plain(timeline: Timeline) -> dict[str, object]:
    columns = {f"p_{name}": p for name, p in timeline.fake.items()}
    values = {
        name: [or_none(round(value, 4)) for value in column.tolist()]
        for name, column in {**columns, "distance": timeline.distance}.items()
    }
    return {"start": timeline.start, "frames_per_second": FRAME_RATE, **values}


def print_files(scores: ScoredVideos, judgement: Judgement, seen: Mapping[str, Evidence]) -> None:
    """A few lines for each file, then what all of it rests on."""
    intervals: dict[str, list[IntervalRow]] = {}
    for row in interval_rows(scores, judgement):
        intervals.setdefault(row.id, []).append(row)
    for video in scores.videos:
        _print_video(video, judgement)
        if video.info.id in seen:
            _print_faces(seen[video.info.id])
        _print_spans(video, intervals.get(video.info.id, ()))
    _print_basis(scores, judgement)


def _print_video(video: VideoScore, judgement: Judgement) -> None:
    typer.echo(video.info.path)
    if video.status != OK:
        typer.echo(f"  no verdict ({video.status}): {video.reason}")
        return
    withheld = judgement.withheld(video.info.synthetic)
    for name in REPORT_ORDER:
        verdict, probability = video.verdict[name], video.probability[name]
        if probability is None:
            mute = name != "visual" and NO_AUDIO in video.reason
            typer.echo(
                f"  {name:7} not judged: {'no audio to judge' if mute else 'this run was not trained for it'}"
            )
        else:
            threshold = judgement.thresholds[name]
            origin = ", default" if judgement.thresholds.is_default(name) else ""
            said = "not judged" if withheld else f"{verdict:6}"
            typer.echo(
                f"  {name:7} {said} P(fake) {probability:.3f} (fake from {threshold:.3f}{origin})"
            )
    apart = "" if video.distance is None else f", mean cosine distance {video.distance:.3f}"
    typer.echo(f"  {video.segments} segments of 0.64 s{apart}")
    if video.reason:
        typer.echo(f"  note: {video.reason}")


def _print_spans(video: VideoScore, intervals: Sequence[IntervalRow]) -> None:
    """Where each verdict lies above its threshold, and how that goes with `real` for the whole."""
    for name in VERDICTS:
        spans = [f"{row.start:.2f}-{row.end:.2f} s" for row in intervals if row.verdict == name]
        if not spans:
            continue
        more = f" and {len(spans) - 6} more" if len(spans) > 6 else ""
        typer.echo(f"  {name:7} above its threshold at {', '.join(spans[:6])}{more}")
        if video.verdict[name] == "real":
            typer.echo(f"          ({SPANS_UNDER_REAL})")


def _print_basis(scores: ScoredVideos, judgement: Judgement) -> None:
    """What the verdicts rest on, and what they cannot speak of."""
    for note in scores.notes:
        typer.echo(f"note: {note}")
    if judgement.rests_on:
        typer.echo(judgement.rests_on)
    for note in judgement.notes:
        typer.echo(f"note on the run: {note}")
    recorded = [video for video in scores.scored if judgement.withheld(video.info.synthetic)]
    if recorded:
        typer.echo(
            f"No verdict on {len(recorded)} of {len(scores.videos)} videos: {judgement.withheld(False)}. "
            "Train on recorded videos to judge recordings."
        )


def _print_faces(evidence: Evidence) -> None:
    spans = ", ".join(f"{face.start:.2f}-{face.end:.2f} s" for face in evidence.faces[:6])
    more = f" and {len(evidence.faces) - 6} more" if len(evidence.faces) > 6 else ""
    people = "" if evidence.people in (None, 1) else f", {evidence.people} people in the picture"
    typer.echo(f"  face followed at {spans}{more}{people}")


def print_figures(
    scores: ScoredVideos, evaluation: Evaluation, judgement: Judgement | None = None
) -> None:
    """The figures of a set of videos, and, of a run of ours, what they rest on."""
    coverage = evaluation.coverage
    # scores of another detector come without segments: that there are 0 would say that something is missing
    segments = f", {len(scores.segments)} segments" if scores.segments else ""
    typer.echo(f"{coverage.get('ok', 0)} of {coverage['listed']} videos scored{segments}")
    if scores.assignment:
        typer.echo(f"protocol {scores.assignment.name}, sha256 {scores.assignment.sha256[:16]}")
        for what in (*scores.assignment.shortfall, *scores.assignment.notes):
            typer.echo(f"  of the protocol: {what}")
    if scores.trained_on:
        typer.echo(
            f"  {scores.trained_on} of these videos were in this run's training or validation"
        )
    for name, judged in evaluation.verdicts.items():
        metrics = judged.metrics
        if not metrics.videos:
            continue
        area = "unknown" if metrics.auc is None else f"{metrics.auc:.3f}"
        span = judged.intervals["auc"]
        interval = "" if span is None else f" ({span[0]:.3f}-{span[1]:.3f})"
        accuracy = "unknown" if metrics.accuracy is None else f"{100 * metrics.accuracy:.1f} %"
        half = (
            "unknown"
            if metrics.accuracy_at_half is None
            else f"{100 * metrics.accuracy_at_half:.1f} %"
        )
        baseline = (
            "" if metrics.all_fake_accuracy is None else f"{100 * metrics.all_fake_accuracy:.1f} %"
        )
        unsure = evaluation.decided[name].unsure
        left = f"   ({unsure} unsure)" if unsure else ""
        default = " (default)" if evaluation.thresholds.is_default(name) else ""
        at = f"accuracy {accuracy} at threshold {metrics.threshold:.3f}{default}, {half} at 0.5"
        typer.echo(f"  {name:7} AUC {area}{interval}   {at}   (calling all fake: {baseline}){left}")
    for name, found in evaluation.localisation.items():
        precision = ", ".join(
            f"AP@{at} {100 * value:.1f}" for at, value in found.average_precision.items()
        )
        recall = ", ".join(
            f"AR@{most} {100 * value:.1f}" for most, value in found.average_recall.items()
        )
        lost = (
            f" ({found.unscored} forged videos could not be scored and miss theirs)"
            if found.unscored
            else ""
        )
        typer.echo(f"  {name:7} periods: {precision}; {recall}{lost}")
    if judgement is not None:
        _print_basis(scores, judgement)
    if evaluation.silence.auc_video is not None:
        typer.echo(
            f"  leading silence alone: AUC {evaluation.silence.auc_video:.3f} (a shortcut where far from 0.5)"
        )
