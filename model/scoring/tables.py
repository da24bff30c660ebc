"""From what was measured to the tables: a row for every video, with its verdicts or the reason."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from avdf.cache.core.clock import SEGMENT_SECONDS
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.stream.silence import NO_AUDIO
from avdf.model.config import DetectorConfig
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.inference.timeline import Timeline
from avdf.model.scoring.deciding_face import deciding_faces, with_decides
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.face_scores import judge_faces
from avdf.model.scoring.group_scores import score_groups
from avdf.model.scoring.measured import Measured
from avdf.model.scoring.row_of_faces import row_of_faces
from avdf.model.scoring.rows import SegmentRow, VideoScore, scored_row, unscored_row
from avdf.model.scoring.subjects import Subject
from avdf.model.synchrony.judgement import read_synchrony
from avdf.model.verdicts import PerVerdict, as_columns

Listed = Sequence[Subject | Unprepared]

_NO_SEGMENT = "nothing of a segment's length to score"


def video_rows(
    listed: Listed, measured: Measured, judgement: Judgement, config: DetectorConfig
) -> tuple[VideoScore, ...]:
    """The lines of `videos.csv` of shards, one for each video in its order."""
    scores = score_groups(measured.segments, len(listed), judgement)

    def scored(index: int, subject: Subject) -> VideoScore:
        found = scores[index]
        return scored_row(
            subject.info,
            found.probability,
            judgement,
            found.distance,
            found.segments,
            sync=found.sync,
            log10_ratio=found.log10_ratio,
        )

    counts = [found.segments for found in scores]
    return _rows(listed, measured, config, counts, scored)


def file_rows(
    listed: Listed, measured: Measured, judgement: Judgement, config: DetectorConfig
) -> tuple[tuple[VideoScore, ...], tuple[FaceRow, ...]]:
    """The lines of `videos.csv` and of `faces.csv` of files, in their order.

    The verdicts on a video are those of the faces on which they rest.
    """
    counts = np.bincount(measured.segments.video, minlength=len(listed)).tolist()
    subjects = [
        (index, subject)
        for index, subject in enumerate(listed)
        if isinstance(subject, Subject) and counts[index]
    ]
    by_video = judge_faces(subjects, measured, judgement)
    faces: list[FaceRow] = []

    def scored(index: int, subject: Subject) -> VideoScore:
        rows = by_video[index]
        deciding = deciding_faces(rows, judgement)
        faces.extend(with_decides(rows, deciding))
        return row_of_faces(subject.info, rows, deciding, judgement)

    return _rows(listed, measured, config, counts, scored), tuple(faces)


def _rows(
    listed: Listed,
    measured: Measured,
    config: DetectorConfig,
    counts: Sequence[int],
    scored: Callable[[int, Subject], VideoScore],
) -> tuple[VideoScore, ...]:
    """A row for every listed video: its scores, or why it has none.

    Args:
        counts: how many segments of each video were scored.
        scored: the row of a video that has scores, by its index.
    """
    rows = []
    for index, subject in enumerate(listed):
        info = subject.info
        if isinstance(subject, Unprepared):
            rows.append(unscored_row(info, subject.status, subject.reason))
            continue
        if index in measured.damaged:
            row = unscored_row(info, "damaged", measured.damaged[index])
        elif not counts[index]:
            row = unscored_row(info, "too_short", _NO_SEGMENT)
        else:
            row = _with_care(scored(index, subject), subject, config)
        rows.append(replace(row, leading_silence=subject.silence))
    return tuple(rows)


def _with_care(
    row: VideoScore,
    subject: Subject,
    config: DetectorConfig,
) -> VideoScore:
    """The row with what was examined, and with every reason to read it with care.

    Digital silence says nothing about whether a voice is real.
    """
    audio = config.has_audio and subject.has_audio
    examined = "sound" if audio else ""
    if config.has_visual:
        examined = "both" if audio else "picture"
    # Preparation says why there is no audio, unless its notes are lost.
    is_said = any(note.startswith(NO_AUDIO) for note in subject.notes)
    silent = "" if subject.has_audio or is_said else NO_AUDIO
    reasons = [*subject.notes, silent, row.reason]
    # Each reason is given once, in order.
    once = dict.fromkeys(reason for reason in reasons if reason)
    return replace(row, examined=examined, reason="; ".join(once))


def segment_rows(
    listed: Listed, measured: Measured, judgement: Judgement
) -> tuple[SegmentRow, ...]:
    """The lines of `segments.csv`, video by video."""
    segments = measured.segments
    videos = segments.video.tolist()
    probabilities = as_columns(segments.fake).tolist()
    distances = segments.distance.tolist()
    synchronies = read_synchrony(segments.curves, judgement.sync)
    faces: list[int | None] = [None] * len(videos)
    if measured.faces is not None:
        faces = list(measured.faces.face.tolist())
    columns = zip(
        videos,
        measured.starts,
        probabilities,
        distances,
        synchronies,
        faces,
        strict=True,
    )
    rows = []
    for index, start, p_fake, distance, sync, face in columns:
        row = SegmentRow(
            id=listed[index].info.id,
            start=round(start, 3),
            end=round(start + SEGMENT_SECONDS, 3),
            probability=PerVerdict(*p_fake).map(or_none),
            distance=or_none(distance),
            sync=sync,
            face=face,
        )
        rows.append(row)
    return tuple(rows)


def timelines_of(
    listed: Listed, measured: Measured, judgement: Judgement
) -> dict[str, tuple[Timeline, ...]]:
    """A timeline for each face track of each video, on the scale of the video's verdicts."""
    found: dict[str, list[Timeline]] = {}
    for track in measured.tracks:
        # A track shorter than a segment has no window, and so no timeline.
        if not len(track.first):
            continue
        timeline = track.timeline()
        calibrated = replace(timeline, fake=judgement.calibrated(timeline.fake))
        name = listed[track.video].info.id
        own = found.setdefault(name, [])
        own.append(calibrated)
    return {name: tuple(timelines) for name, timelines in found.items()}
