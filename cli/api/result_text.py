"""Results in words: a few lines for each file, or the figures of a set of videos."""

from collections.abc import Mapping, Sequence

from avdf.cache.core.counted import counted
from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE, missing_note, reason_of
from avdf.cache.core.safe_text import printable
from avdf.cache.shards.inputs_table import OK
from avdf.face_text import face_lines
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.localisation import Localisation
from avdf.model.evaluation.proposals import SPANS_UNDER_REAL
from avdf.model.evaluation.timeline_tables import IntervalRow, interval_rows
from avdf.model.inference.decision import Judgement
from avdf.model.likelihood.likeness_words import compared_words
from avdf.model.likelihood.ratio_words import PROPOSITIONS, ratio_words, support_words
from avdf.model.report.evidence import Evidence
from avdf.model.report.number_text import some_spans, told_apart
from avdf.model.report.unscored_parts import times_in_no_segment
from avdf.model.report.withheld import withheld_note
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.synchrony.offset_words import REAL_BUT_APART, offset_words
from avdf.model.synchrony.synchrony import OUT_OF_SYNC, Synchrony
from avdf.model.verdicts import REPORT_ORDER, Verdict

_MOST_SPANS = 6  # stretches of time that are named on one line


def verdict_words(
    verdict: str, probability: float, threshold: float, origin: str = ""
) -> str:
    """`fake   P(fake) 0.931 (fake from 0.412)`."""
    word = f"{verdict:6}" if verdict else "not judged"
    score, limit = told_apart(probability, threshold)
    return f"{word} P(fake) {score} (fake from {limit}{origin})"


def sync_words(found: Synchrony, threshold: float) -> str:
    """`out of sync  P(apart) 0.931 (out of sync from 0.412): the sound fits best 320 ms late`."""
    probability, limit = told_apart(found.probability or 0.0, threshold)
    score = f"P(apart) {probability} (out of sync from {limit})"
    # Without a verdict, an offset would be read as one.
    if not found.verdict:
        return f"not judged  {score}"
    return f"{found.verdict}  {score}: {offset_words(found)}"


def files_text(
    scores: ScoredVideos, judgement: Judgement, evidence: Mapping[str, Evidence]
) -> str:
    """A few lines for each file, then what all of it rests on."""
    # One table of intervals for all videos, sorted into videos once.
    intervals: dict[str, list[IntervalRow]] = {}
    for row in interval_rows(scores, judgement):
        intervals.setdefault(row.id, []).append(row)
    faces: dict[str, list[FaceRow]] = {}
    for face in scores.faces:
        faces.setdefault(face.id, []).append(face)
    segments: dict[str, list[SegmentRow]] = {}
    for segment in scores.segments:
        segments.setdefault(segment.id, []).append(segment)
    videos = [
        video_text(
            video,
            judgement,
            intervals.get(video.info.id, ()),
            evidence.get(video.info.id),
            faces.get(video.info.id, ()),
            segments.get(video.info.id, ()),
        )
        for video in scores.videos
    ]
    return "\n".join([*videos, *_basis_lines(scores, judgement)])


def video_text(
    video: VideoScore,
    judgement: Judgement,
    intervals: Sequence[IntervalRow],
    evidence: Evidence | None,
    faces: Sequence[FaceRow] = (),
    segments: Sequence[SegmentRow] = (),
) -> str:
    """The verdicts on one video, where its faces are, and where a verdict exceeds its threshold.

    Args:
        segments: of the video; none where they are not known.
    """
    lines = [printable(video.info.path), *_verdict_lines(video, judgement)]
    if len(faces) > 1:
        lines += face_lines(faces, video.faces, judgement)
    elif evidence is not None:
        lines.append(_faces_line(evidence))
    if evidence is not None and segments:
        lines += _left_lines(evidence, segments)
    return "\n".join([*lines, *_interval_lines(video, intervals)])


def _verdict_lines(video: VideoScore, judgement: Judgement) -> list[str]:
    if video.status != OK:
        return [f"  no verdict ({video.status}): {video.reason}"]
    lines = []
    for name in REPORT_ORDER:
        verdict, probability = video.verdict[name], video.probability[name]
        if probability is None:
            lines.append(f"  {name:7} {_why_not(video, name)}")
            continue
        threshold = judgement.thresholds[name]
        # A default threshold was not found on any video, and the reader should know.
        origin = ", default" if judgement.thresholds.is_default(name) else ""
        lines.append(
            f"  {name:7} {verdict_words(verdict, probability, threshold, origin)}"
        )
        ratio = video.log10_ratio[name]
        if ratio is not None:
            model = judgement.ratios[name] if judgement.ratios else None
            lines.append(f"          {ratio_words(ratio, model)}")
    lines.append(f"  {'sync':7} {_sync_line(video, judgement)}")
    if video.verdict.video == "real" and video.sync.verdict == OUT_OF_SYNC:
        lines.append(f"          ({REAL_BUT_APART})")
    apart = (
        "" if video.distance is None else f", mean cosine distance {video.distance:.3f}"
    )
    lines.append(f"  {counted(video.segments, 'segment')} of 0.64 s{apart}")
    if video.reason:
        lines.append(f"  note: {video.reason}")
    return lines


def _why_not(video: VideoScore, verdict: Verdict) -> str:
    """Why a verdict has no probability: something is missing, or the run cannot judge it."""
    no_audio = missing_note(video.reason, NO_AUDIO)
    no_picture = missing_note(video.reason, NO_PICTURE)
    if verdict == "audio" and no_audio:
        return f"not examined: {reason_of(no_audio)}"
    if verdict == "visual" and no_picture:
        return f"not examined: {reason_of(no_picture)}"
    # The verdict on the video as a whole needs both.
    if verdict == "video" and (no_audio or no_picture):
        return f"not examined: {NO_AUDIO if no_audio else NO_PICTURE}"
    return "not judged: this run was not trained for it"


def _sync_line(video: VideoScore, judgement: Judgement) -> str:
    calibration = judgement.sync.usable
    if video.sync.probability is None or calibration is None:
        return f"not examined: {video.sync.note}"
    return sync_words(video.sync, calibration.threshold)


def _faces_line(evidence: Evidence) -> str:
    if not evidence.faces:
        return "  no face was followed: the sound was examined alone"
    spans = [(face.start, face.end) for face in evidence.faces]
    followed = some_spans(spans, _MOST_SPANS, dash="-")
    line = f"  face followed at {followed}"
    if evidence.faces_at_once in (None, 1):
        return line
    return f"{line}, at most {evidence.faces_at_once} faces at one time"


def _left_lines(evidence: Evidence, segments: Sequence[SegmentRow]) -> list[str]:
    """What was examined for the curves over time, but is in no verdict."""
    left = times_in_no_segment(evidence, segments)
    if not left:
        return []
    spans = some_spans(left, _MOST_SPANS, dash="-")
    return [f"  in no verdict: {spans} (less than a segment of 0.64 s is left there)"]


def _interval_lines(video: VideoScore, intervals: Sequence[IntervalRow]) -> list[str]:
    """Where each verdict lies above its threshold, and how that goes with `real` for the whole."""
    lines = []
    for name, verdict in video.verdict.items():
        own = [row for row in intervals if row.verdict == name]
        if not own:
            continue
        for face in sorted({row.face or 0 for row in own}):
            spans = [(row.start, row.end) for row in own if (row.face or 0) == face]
            above = some_spans(spans, _MOST_SPANS, dash="-")
            # With one face, its number would say nothing.
            whom = f" (face {face})" if (video.faces.count or 1) > 1 else ""
            lines.append(f"  {name:7} above its threshold at {above}{whom}")
        # Parts above the threshold under a verdict `real` look like a contradiction: it is
        # explained.
        if verdict == "real":
            lines.append(f"          ({SPANS_UNDER_REAL})")
    return lines


def _basis_lines(scores: ScoredVideos, judgement: Judgement) -> list[str]:
    """What the verdicts rest on, and what they cannot speak of."""
    lines = [f"note: {note}" for note in scores.notes]
    if judgement.rests_on:
        lines.append(judgement.rests_on)
    lines += _ratio_lines(judgement)
    if judgement.sync.basis:
        lines.append(judgement.sync.basis)
    lines += [f"note on the run: {note}" for note in judgement.notes]
    withheld = withheld_note(scores, judgement)
    if withheld:
        lines.append(f"{withheld} Train on recorded videos to judge recordings.")
    return lines


def _ratio_lines(judgement: Judgement) -> list[str]:
    """What likelihood ratios rest on, or why there are none; nothing if none were asked for."""
    ratios = judgement.ratios
    if ratios is None:
        return []
    support = [f"  {name:7} {support_words(ratios[name])}" for name in REPORT_ORDER]
    return [PROPOSITIONS, *support, f"  {compared_words(judgement.reference)}"]


def figures_text(
    scores: ScoredVideos, evaluation: Evaluation, judgement: Judgement | None = None
) -> str:
    """The figures of a set of videos and, of a run of avdf, what they rest on."""
    coverage = evaluation.coverage
    # Scores of another detector come without segments: `0 segments` would look like a loss.
    segments = (
        f", {counted(len(scores.segments), 'segment')}" if scores.segments else ""
    )
    lines = [
        f"{coverage.get('ok', 0)} of {counted(coverage['listed'], 'video')} scored{segments}"
    ]
    if scores.assignment:
        protocol = scores.assignment
        lines.append(f"protocol {protocol.name}, sha256 {protocol.sha256[:16]}")
        remarks = (*protocol.shortfall, *protocol.notes)
        lines += [f"  note on the protocol: {remark}" for remark in remarks]
    # Figures on videos that training has seen are too good.
    if scores.trained_on:
        lines.append(
            f"  {scores.trained_on} of these videos were in this run's training or validation"
        )
    lines += _metrics_lines(evaluation)
    lines += _ratio_cost_lines(evaluation)
    lines += _sync_metrics_lines(evaluation)
    for name in REPORT_ORDER:
        located = evaluation.localisation[name]
        if located is not None:
            lines.append(_localisation_line(name, located))
    if judgement is not None:
        if evaluation.sync.auc is not None and judgement.sync.note:
            lines.append(f"  sync    not examined: {judgement.sync.note}")
        lines += _basis_lines(scores, judgement)
    # Some datasets begin fake videos with silence: a detector could learn just that.
    if evaluation.silence.auc_video is not None:
        area = evaluation.silence.auc_video
        lines.append(
            f"  leading silence alone: AUC {area:.3f} (values far from 0.5 suggest a shortcut)"
        )
    return "\n".join(lines)


def _metrics_lines(evaluation: Evaluation) -> list[str]:
    """AUC and accuracy of each verdict that has labels."""
    lines = []
    for name in REPORT_ORDER:
        measured = evaluation.verdicts[name]
        metrics = measured.metrics
        # Without labels of this verdict there is nothing to compare it with.
        if not metrics.videos:
            continue
        area = "unknown" if metrics.auc is None else f"{metrics.auc:.3f}"
        span = measured.intervals["auc"]
        interval = "" if span is None else f" ({span[0]:.3f}-{span[1]:.3f})"
        default = " (default)" if evaluation.thresholds.is_default(name) else ""
        unsure = evaluation.decided[name].unsure
        left = f"   ({unsure} unsure)" if unsure else ""
        lines.append(
            f"  {name:7} AUC {area}{interval}   "
            f"accuracy {_percent(metrics.accuracy)} at threshold {metrics.threshold:.3f}{default}, "
            f"{_percent(metrics.accuracy_at_half)} at 0.5   "
            f"(if every video were called fake: {_percent(metrics.all_fake_accuracy, '')}){left}"
        )
    return lines


def _ratio_cost_lines(evaluation: Evaluation) -> list[str]:
    """The cost of likelihood ratios, where any are given and labels are known."""
    return [
        f"  {name:7} likelihood ratios: Cllr {cost.cllr:.3f}, at best {cost.cllr_min:.3f} in this "
        "order (0: perfect; 1: they say nothing)"
        for name, cost in evaluation.ratio_costs.items()
        if cost is not None
    ]


def _sync_metrics_lines(evaluation: Evaluation) -> list[str]:
    """AUC and accuracy of synchrony, where there are pairs of which it is known."""
    found = evaluation.sync
    if found.auc is None:
        return []
    interval = (
        "" if found.interval is None else "({:.3f}-{:.3f})".format(*found.interval)
    )
    known = f"{found.together} that belong together, {found.apart} that do not"
    decided = ""
    if found.accuracy is not None:
        decided = f"   accuracy {_percent(found.accuracy)} of {found.decided} verdicts"
    return [f"  {'sync':7} AUC {found.auc:.3f} {interval}{decided}   ({known})"]


def _percent(share: float | None, missing: str = "unknown") -> str:
    return missing if share is None else f"{100 * share:.1f} %"


def _localisation_line(name: str, found: Localisation) -> str:
    precisions = found.average_precision.items()
    precision = ", ".join(f"AP@{at} {100 * value:.1f}" for at, value in precisions)
    recalls = found.average_recall.items()
    recall = ", ".join(f"AR@{most} {100 * value:.1f}" for most, value in recalls)
    unscored = found.unscored
    lost = (
        f" ({unscored} forged videos could not be scored and miss theirs)"
        if unscored
        else ""
    )
    return f"  {name:7} periods: {precision}; {recall}{lost}"


def describe_validation(validation: Mapping[str, float | None]) -> str:
    """`AUC video 0.980, visual 0.970, audio 1.000, sync 0.990`, the last where it is known."""
    words = []
    for name in ("video", "visual", "audio"):
        area = validation.get(f"auc_{name}")
        words.append(f"{name} unknown" if area is None else f"{name} {area:.3f}")
    sync = validation.get("auc_sync")
    if sync is not None:
        words.append(f"sync {sync:.3f}")
    return "AUC " + ", ".join(words)
