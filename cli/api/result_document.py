"""Results of scoring as plain values, ready for JSON; None where there is no value."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.files.csv_table import flat
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.timeline_tables import interval_rows
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.inference.timeline import Timeline
from avdf.model.report.evidence import Evidence
from avdf.model.scoring.face_rows import FACE_COLUMNS
from avdf.model.scoring.rows import SEGMENT_COLUMNS, VIDEO_COLUMNS, ScoredVideos
from avdf.model.synchrony.offset_curves import OFFSETS_MS

_DIGITS = 4  # of a timeline's values


def result_document(
    scores: ScoredVideos,
    evaluation: Evaluation,
    judgement: Judgement,
    evidence: Mapping[str, Evidence],
    facts: Mapping[str, FileFacts],
    command: str,
) -> dict[str, object]:
    """Everything that `avdf score --json` prints; `command` is the command line that was typed."""
    files = {name: asdict(file) for name, file in facts.items()}
    videos = [flat(video, VIDEO_COLUMNS) for video in scores.videos]
    segments = [flat(segment, SEGMENT_COLUMNS) for segment in scores.segments]
    # The same rows as in `intervals.csv`, so that both can be read by one program.
    intervals = [asdict(row) for row in interval_rows(scores, judgement)]
    verdicts: dict[str, list[object]] = {}
    for face in scores.faces:
        verdicts.setdefault(face.id, []).append(flat(face, FACE_COLUMNS))
    faces = {
        name: _faces(one, verdicts.get(name, [])) for name, one in evidence.items()
    }
    timelines: dict[str, object] = {}
    for name, own in scores.timelines.items():
        timelines[name] = [_timeline(timeline) for timeline in own]
    curves = {video.info.id: video.sync.curve for video in scores.scored}
    calibration = judgement.sync.calibration
    return {
        "rests_on": judgement.rests_on,
        "notes": list(scores.notes),
        "run_notes": list(judgement.notes),
        "command": command,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
        "videos": videos,
        "segments": segments,
        "timelines": timelines,
        "intervals": intervals,
        "faces": faces,
        "sync_offsets_ms": OFFSETS_MS,
        "sync_curves": curves,
        "sync_calibration": calibration.as_dict() if calibration else None,
        "sync_note": judgement.sync.note,
        "thresholds": judgement.thresholds.as_dict(),
        "metrics": evaluation.as_dict(),
    }


def _faces(evidence: Evidence, verdicts: list[object]) -> dict[str, object]:
    """The persons of a file: the runs in which they were followed, and the rows of `faces.csv`."""
    tracks = [asdict(face) for face in evidence.faces]
    return {
        "faces_at_once": evidence.faces_at_once,
        "tracks": tracks,
        "verdicts": verdicts,
    }


def _timeline(timeline: Timeline) -> dict[str, object]:
    # A column for each verdict, one for the distance, one for synchrony; a frame without a value
    # is null, since JSON has no NaN.
    columns = {f"p_{name}": p for name, p in timeline.fake.items()}
    columns["distance"] = timeline.distance
    columns["sync"] = timeline.sync
    document: dict[str, object] = {
        "face": timeline.face or None,
        "start": timeline.start,
        "frames_per_second": FRAME_RATE,
    }
    for name, column in columns.items():
        document[name] = [or_none(round(value, _DIGITS)) for value in column.tolist()]
    return document
