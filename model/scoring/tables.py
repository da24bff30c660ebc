"""From what was measured to the tables: a row for every video, with its verdicts or the reason."""

from collections.abc import Sequence
from dataclasses import replace

from avdf.cache.core.clock import SEGMENT_SECONDS
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.stream.silence import NO_AUDIO
from avdf.model.config import DetectorConfig
from avdf.model.inference.aggregate import aggregate, video_distances
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import or_none
from avdf.model.inference.timeline import Timeline
from avdf.model.scoring.measured import Measured
from avdf.model.scoring.rows import SegmentRow, VideoScore, scored_row, unscored_row
from avdf.model.scoring.subjects import Subject
from avdf.model.synchrony.judgement import judge_synchrony, read_synchrony
from avdf.model.verdicts import PerVerdict, as_columns

Listed = Sequence[Subject | Unprepared]

_NO_SEGMENT = "nothing of a segment's length to score"


def video_rows(
    listed: Listed, measured: Measured, judgement: Judgement, config: DetectorConfig
) -> tuple[VideoScore, ...]:
    """The lines of `videos.csv`, one for each video in its order."""
    segments = measured.segments
    videos = len(listed)
    fake = aggregate(segments, videos, judgement.aggregate)
    distances, counts = video_distances(segments, videos)
    probabilities = as_columns(judgement.calibrated(fake)).tolist()
    curves = segments.curves.by_video(segments.video, videos)
    synchronies = list(judge_synchrony(curves, judgement.sync))
    ratios = as_columns(judgement.log10_ratios(fake)).tolist()
    rows = []
    for index, subject in enumerate(listed):
        info = subject.info
        count = int(counts[index])
        if isinstance(subject, Unprepared):
            rows.append(unscored_row(info, subject.status, subject.reason))
            continue
        if index in measured.damaged:
            row = unscored_row(info, "damaged", measured.damaged[index])
        elif not count:
            row = unscored_row(info, "too_short", _NO_SEGMENT)
        else:
            probability = PerVerdict(*probabilities[index]).map(or_none)
            distance = or_none(float(distances[index]))
            row = scored_row(
                info,
                probability,
                judgement,
                distance,
                count,
                sync=synchronies[index],
                log10_ratio=PerVerdict(*ratios[index]).map(or_none),
            )
            row = _with_care(row, subject, config)
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
    columns = zip(
        videos, measured.starts, probabilities, distances, synchronies, strict=True
    )
    rows = []
    for index, start, p_fake, distance, sync in columns:
        row = SegmentRow(
            id=listed[index].info.id,
            start=round(start, 3),
            end=round(start + SEGMENT_SECONDS, 3),
            probability=PerVerdict(*p_fake).map(or_none),
            distance=or_none(distance),
            sync=sync,
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
