"""From what was measured to the tables: a row for every video, with its verdicts or the reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from avdf.cache.core.clock import SEGMENT_SECONDS
from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE
from avdf.cache.shards.inputs_table import Unprepared
from avdf.model.config import DetectorConfig
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.inference.timeline import Timeline
from avdf.model.scoring.deciding_face import deciding_faces, with_decides
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.face_scores import judge_faces
from avdf.model.scoring.group_scores import GroupScore, score_groups
from avdf.model.scoring.measured import Measured
from avdf.model.scoring.row_of_faces import row_of_faces
from avdf.model.scoring.rows import SegmentRow, VideoScore, scored_row, unscored_row
from avdf.model.scoring.subjects import Subject
from avdf.model.synchrony.judgement import read_synchrony
from avdf.model.verdicts import PerVerdict, as_columns

Listed = Sequence[Subject | Unprepared]

NOT_JUDGED = "not_judged"  # the status where nothing is there of what the run judges

_EXAMINED = {
    (True, True): "both",
    (True, False): "picture",
    (False, True): "sound",
    (False, False): "",
}
# What a run judges, by its branches.
_JUDGES = {
    "visual": "this run judges the picture alone",
    "audio": "this run judges the sound alone",
    "both": "this run was not trained to judge the rest",
}
_NO_SEGMENT = "nothing of a segment's length to score"


@dataclass(frozen=True)
class JudgedParts:
    """Which parts of a video a detector looks at.

    picture, sound  whether it looks at the frames, and whether it listens to the audio
    otherwise       why a video has no verdict that has neither of what the detector judges
    """

    picture: bool
    sound: bool
    otherwise: str


def video_rows(
    listed: Listed, measured: Measured, judgement: Judgement, config: DetectorConfig
) -> tuple[VideoScore, ...]:
    """The lines of `videos.csv` of shards, one for each video in its order."""
    scores = score_groups(measured.segments, len(listed), judgement)

    def scored(index: int, subject: Subject) -> VideoScore:
        return _row_of_group(subject, scores[index], judgement)

    counts = [found.segments for found in scores]
    return rows_of(listed, _damaged(measured), _judged_parts(config), counts, scored)


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
    whole = score_groups(measured.segments, len(listed), judgement)
    faces: list[FaceRow] = []

    def scored(index: int, subject: Subject) -> VideoScore:
        # Sound alone has no faces on which its verdict could rest.
        if not subject.has_picture:
            return _row_of_group(subject, whole[index], judgement)
        rows = by_video[index]
        deciding = deciding_faces(rows, judgement)
        faces.extend(with_decides(rows, deciding))
        return row_of_faces(subject.info, rows, deciding, judgement)

    rows = rows_of(listed, _damaged(measured), _judged_parts(config), counts, scored)
    return rows, tuple(faces)


def _row_of_group(
    subject: Subject, found: GroupScore, judgement: Judgement
) -> VideoScore:
    """The row of a video from the scores of all of its segments."""
    return scored_row(
        subject.info,
        found.probability,
        judgement,
        found.distance,
        found.segments,
        sync=found.sync,
        log10_ratio=found.log10_ratio,
        measures=subject.measures.get(0),
    )


def _judged_parts(config: DetectorConfig) -> JudgedParts:
    return JudgedParts(config.has_visual, config.has_audio, _JUDGES[config.branches])


def _damaged(measured: Measured) -> dict[int, tuple[str, str]]:
    return {index: ("damaged", why) for index, why in measured.damaged.items()}


def rows_of(
    listed: Listed,
    failed: Mapping[int, tuple[str, str]],
    parts: JudgedParts,
    counts: Sequence[int],
    scored: Callable[[int, Subject], VideoScore],
) -> tuple[VideoScore, ...]:
    """A row for every listed video: its scores, or why it has none.

    Args:
        failed: status and reason of each video that could not be scored, by its index.
        parts: what the detector judges.
        counts: how many segments of each video were scored.
        scored: the row of a video that has scores, by its index.
    """
    rows = []
    for index, subject in enumerate(listed):
        info = subject.info
        if isinstance(subject, Unprepared):
            rows.append(unscored_row(info, subject.status, subject.reason))
            continue
        if index in failed:
            row = unscored_row(info, *failed[index])
        elif not counts[index]:
            row = unscored_row(info, "too_short", _NO_SEGMENT)
        else:
            row = _with_care(scored(index, subject), subject, parts)
            if all(p is None for p in row.probability):
                row = _not_judged(row, parts)
        rows.append(replace(row, leading_silence=subject.silence))
    return tuple(rows)


def _with_care(
    row: VideoScore,
    subject: Subject,
    parts: JudgedParts,
) -> VideoScore:
    """The row with what was examined, and with every reason to read it with care.

    Digital silence says nothing about whether a voice is real.
    """
    sound = parts.sound and subject.has_audio
    picture = parts.picture and subject.has_picture
    examined = _EXAMINED[picture, sound]
    # Preparation says why something is missing, unless its notes are lost.
    silent = "" if subject.has_audio or _says(subject, NO_AUDIO) else NO_AUDIO
    unseen = "" if subject.has_picture or _says(subject, NO_PICTURE) else NO_PICTURE
    reasons = [*subject.notes, silent, unseen, row.reason]
    # Each reason is given once, in order.
    once = dict.fromkeys(reason for reason in reasons if reason)
    return replace(row, examined=examined, reason="; ".join(once))


def _says(subject: Subject, what: str) -> bool:
    """Whether a note of preparation begins with `NO_AUDIO` or `NO_PICTURE`."""
    return any(note.startswith(what) for note in subject.notes)


def _not_judged(row: VideoScore, parts: JudgedParts) -> VideoScore:
    """The row of a video that has nothing of what the detector judges."""
    reason = "; ".join(part for part in (row.reason, parts.otherwise) if part)
    return unscored_row(row.info, NOT_JUDGED, reason)


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
        faces = [face or None for face in measured.faces.face.tolist()]
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
