"""Scoring: every listed video gets a row, with its verdicts or the reason why there are none."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from avdf.cache.core.clock import FRAME_SIZE, SAMPLE_RATE, SEGMENT_FRAMES, SEGMENT_SECONDS
from avdf.cache.core.errors import SegmentError, SettingsError
from avdf.cache.core.video import SPLITS, PreparedVideo, VideoInfo
from avdf.cache.shards.inputs_table import OK, Unprepared, preparation_notes
from avdf.cache.stream.batches import (
    ShardPool,
    VideoRef,
    Window,
    in_batches,
    list_everything,
    most_segments,
    scoring_windows,
    stream_batches,
)
from avdf.cache.stream.clips import Clip, prepared_clips, shard_clips
from avdf.cache.stream.silence import (
    NO_SOUND,
    leading_silence,
    silences,
    silent_rows,
    without_silence,
)
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import (
    SegmentScores,
    finite_rows,
    join_segments,
    or_none,
    score_segments,
    segment_scores,
    video_distances,
)
from avdf.model.inference.timeline import DEFAULT_STRIDE, Timeline, TrackScores, score_clips
from avdf.model.protocols import Assignment, assign
from avdf.model.runs.loaded import LoadedRun
from avdf.model.runs.participants import Participants, participants
from avdf.model.scoring.rows import Scores, SegmentRow, VideoScore, video_score

Perturb = Callable[[Clip], Clip]
_NOT_FINITE = "its scores are not finite numbers"
SegmentsOf = Callable[[Sequence[Window], Callable[[int], None]], SegmentScores]


@dataclass(frozen=True)
class Chosen:
    """The videos of a folder of shards that are to be scored, and those that cannot be."""

    assignment: Assignment
    split: str
    videos: tuple[VideoRef, ...]
    missing: tuple[Unprepared, ...]
    trained_on: int = 0
    notes: tuple[str, ...] = ()

    @property
    def infos(self) -> list[VideoInfo]:
        return [
            replace(video.info, split=self.assignment.of(video.info.id)) for video in self.videos
        ]


def choose(run: LoadedRun, shards: Path, split: str, protocol: str = "") -> Chosen:
    """The videos of a split ('' for all) under a protocol ('': the one that the run was trained under).

    Raises:
        ShardError, SettingsError: unreadable shards, an unknown protocol, an unknown or empty split.
    """
    if split and split not in SPLITS:
        raise SettingsError(f"split {split!r} is unknown; use one of {', '.join(SPLITS)}, or all")
    data, listed = run.info.config.data, list_everything(shards)
    found = assign(protocol or data.protocol, listed.infos, data.split_seed)
    videos = tuple(video for video in listed.videos if split in ("", found.of(video.info.id)))
    if not videos:
        why = "".join(f"{note}; " for note in found.notes)
        raise SettingsError(
            f"{shards}: no video of split {split!r} among {len(listed.videos)} (protocol {found.name}); {why}"
            f"see `avdf protocol {found.name} {shards}`"
        )
    missing = tuple(item for item in listed.unprepared if split in ("", found.of(item.info.id)))
    who = participants(run.folder, run.info, listed.infos)
    seen = sum(who.has_seen(video.info) for video in videos)
    return Chosen(
        found,
        split,
        videos,
        missing,
        seen,
        tuple(_warnings(run, found, protocol, who, listed.infos)),
    )


def _warnings(
    run: LoadedRun, found: Assignment, asked: str, who: Participants, listed: Sequence[VideoInfo]
) -> list[str]:
    """What is odd about who is scored: a changed table, or splits that are not those of training."""
    told = [who.note] if who.note else []
    written = run.info.data.get("protocol", {}).get("sha256", "")
    same_data = any(info.dataset in who.datasets for info in listed)
    if not asked and same_data and written and written != found.sha256:
        told.append(
            f"the protocol {found.name} does not split these videos as when the run was trained "
            f"(sha256 {written[:16]} then, {found.sha256[:16]} now): the videos or the table have changed"
        )
    return told


def score_shards(
    run: LoadedRun,
    shards: Path,
    split: str = "test",
    *,
    protocol: str = "",
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    segments_of: SegmentsOf | None = None,
    judgement: Judgement | None = None,
    trim_silence: bool = False,
    stride: int = 0,
    perturb: Perturb | None = None,
) -> Scores:
    """Score the videos of a split ('' for all). Those that were not prepared are accounted for, not forgotten.

    Args:
        protocol: who is in which split; '': the one that the run was trained under.
        segments_of: scores windows somewhere else than here, and tells how many are done.
        judgement: how videos are judged; without, as validation found it in training.
        trim_silence: leave out each video's leading silence, in whole rows, from picture and sound.
        stride: rows between the windows of a timeline; 0: no timelines.
        perturb: what is done to picture and sound before they are scored.

    Raises:
        ShardError, SettingsError: unreadable shards, an unknown or empty split.
    """
    chosen, judgement = choose(run, shards, split, protocol), judgement or run.judgement()
    videos = chosen.videos
    silence = silences(videos)
    hears = run.info.config.model.has_audio
    silent = [number for number, video in enumerate(videos) if hears and not video.sound]
    skip = [silent_rows(seconds) if trim_silence else 0 for seconds in silence.tolist()]
    timelines: dict[str, tuple[Timeline, ...]] = {}
    if stride or perturb:
        tracks, damaged = _read_tracks(run, videos, skip, stride, perturb, on_progress)
        tracks = _sound_masked(tracks, silent)
        segments, starts = _segments_of_tracks(tracks)
        timelines = _timelines(tracks, chosen.infos, judgement) if stride else {}
    else:
        windows = scoring_windows(videos, skip=skip)
        score = segments_of or (lambda which, tell: score_windows(run, which, tell))
        segments = score(windows, lambda done: on_progress(done, len(windows)))
        damaged = _damage(windows, segments, run.info.trained)
        whole = [window.video not in damaged for window in windows]
        segments = segments.without_sound(silent).chosen(np.array(whole, bool))
        starts = [
            videos[window.video].second(window.row)
            for window, keep in zip(windows, whole, strict=True)
            if keep
        ]
    rows, lines = _rows(chosen.infos, segments, starts, judgement)
    notes = preparation_notes(shards)
    rows = [
        _examined(row, run, video.sound, notes.get(video.info.id, "").split("; "))
        for row, video in zip(rows, videos, strict=True)
    ]
    for video, reason in damaged.items():
        rows[video] = video_score(chosen.infos[video], status="damaged", reason=reason)
    told = [
        replace(row, leading_silence=or_none(seconds))
        for row, seconds in zip(rows, silence.tolist(), strict=True)
    ]
    lost = [_unscored(item, chosen.assignment.of(item.info.id)) for item in chosen.missing]
    return Scores(
        videos=(*told, *lost),
        segments=lines,
        split=split,
        assignment=chosen.assignment,
        trimmed=trim_silence,
        distances=segments.distances,
        timelines=timelines,
        periods={
            info.id: info.periods
            for info in [*chosen.infos, *(item.info for item in chosen.missing)]
            if info.periods
        },
        trained_on=chosen.trained_on,
        notes=chosen.notes,
    )


def _read_tracks(
    run: LoadedRun,
    videos: Sequence[VideoRef],
    skip: Sequence[int],
    stride: int,
    perturb: Perturb | None,
    on_progress: Callable[[int, int], None],
) -> tuple[list[TrackScores], dict[int, str]]:
    """Whole tracks of the videos that can be read; and why each of the others cannot."""
    damaged: dict[int, str] = {}

    def leave_out(video: int, error: SegmentError) -> None:
        damaged[video] = str(error)

    clips = shard_clips(videos, skip, run.info.config.data.threads, leave_out)
    if perturb:
        # The clip of no rows that ends a damaged track has nothing to change.
        clips = (perturb(clip) if len(clip.frames) else clip for clip in clips)
    tracks = _tracks(run, clips, stride, len(videos), on_progress)
    for track in tracks:
        if (
            track.video not in damaged
            and not finite_rows(track.segments()[0], run.info.trained).all()
        ):
            damaged[track.video] = _NOT_FINITE
    return [track for track in tracks if track.video not in damaged], damaged


def score_windows(
    run: LoadedRun, windows: Sequence[Window], tell: Callable[[int], None] = lambda _: None
) -> SegmentScores:
    """Read windows from their shards and score them here, in their order; `tell` is told how many are done.

    All values of a window that cannot be read are NaN.
    """
    data, pool = run.info.config.data, ShardPool()
    lost: set[Window] = set()

    def leave_out(window: Window, _attempt: int, _error: SegmentError) -> None:
        lost.add(window)

    try:
        stream = stream_batches(
            pool,
            # Training may have had a larger machine: a smaller batch gives the same scores.
            in_batches(windows, min(data.batch_size, most_segments(data.ahead))),
            data.threads,
            data.ahead,
            on_damage=leave_out,
        )
        found = score_segments(run.detector, stream, run.device, tell, run.info.trained)
    finally:
        pool.close()
    return found.spread(
        np.array([window not in lost for window in windows], bool), [one.video for one in windows]
    )


def _damage(
    windows: Sequence[Window], segments: SegmentScores, trained: Sequence[str]
) -> dict[int, str]:
    """Why each video that has a window without a value cannot be read: the window is read once more to tell.

    A value is missing where a verdict that the detector was trained for is not a finite number.
    """
    found: dict[int, str] = {}
    pool = ShardPool()
    try:
        for index in np.flatnonzero(~finite_rows(segments, trained)).tolist():
            window = windows[index]
            if window.video in found:
                continue
            try:
                pool.read(window, np.empty((SEGMENT_FRAMES, FRAME_SIZE, FRAME_SIZE, 3), np.uint8))
            except SegmentError as error:
                found[window.video] = str(error)
            else:
                found[window.video] = f"{_NOT_FINITE} (row {window.row} of {window.shard})"
    finally:
        pool.close()
    return found


def _tracks(
    run: LoadedRun,
    clips: Iterable[Clip],
    stride: int,
    videos: int = 1,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[TrackScores]:
    """`on_progress` is told of videos."""
    found = []
    for track in score_clips(
        run.detector, clips, run.device, stride or SEGMENT_FRAMES, run.info.trained
    ):
        found.append(track)
        on_progress(track.video, videos)
    on_progress(videos, videos)
    return found


def _segments_of_tracks(tracks: Sequence[TrackScores]) -> tuple[SegmentScores, list[float]]:
    parts = [track.segments() for track in tracks]
    starts = [start for _, starts in parts for start in starts.tolist()]
    return join_segments([segment_scores([]), *(scores for scores, _ in parts)]), starts


def _timelines(
    tracks: Sequence[TrackScores], infos: Sequence[VideoInfo], judgement: Judgement
) -> dict[str, tuple[Timeline, ...]]:
    """Of each video, on the scale of its verdicts."""
    found: dict[str, list[Timeline]] = {}
    for track in tracks:
        if len(track.first):
            timeline = track.timeline()
            calibrated = replace(timeline, fake=judgement.calibrated(timeline.fake))
            found.setdefault(infos[track.video].id, []).append(calibrated)
    return {name: tuple(own) for name, own in found.items()}


def score_prepared(
    run: LoadedRun,
    videos: Iterable[PreparedVideo | Unprepared],
    judgement: Judgement | None = None,
    trim_silence: bool = False,
    stride: int = DEFAULT_STRIDE,
    perturb: Perturb | None = None,
) -> Scores:
    """Score videos in memory, one after another. Arguments as for `score_shards`."""
    judgement = judgement or run.judgement()
    rows: list[VideoScore] = []
    segments: list[SegmentRow] = []
    distances = [segment_scores([]).distances]
    timelines: dict[str, tuple[Timeline, ...]] = {}
    for prepared in videos:
        if isinstance(prepared, Unprepared):
            rows.append(_unscored(prepared))
            continue
        first = prepared.tracks[0]
        silence = leading_silence(first.pcm) / SAMPLE_RATE if first.start == 0 else None
        video = without_silence(prepared) if trim_silence else prepared
        clips: Iterator[Clip] = prepared_clips(video)
        heard = any(track.sound for track in video.tracks)
        tracks = _tracks(run, map(perturb, clips) if perturb else clips, stride)
        if not finite_rows(_segments_of_tracks(tracks)[0], run.info.trained).all():
            rows.append(video_score(video.info, status="damaged", reason=_NOT_FINITE))
            continue
        tracks = _sound_masked(
            tracks, (0,) if run.info.config.model.has_audio and not heard else ()
        )
        scores, starts = _segments_of_tracks(tracks)
        made, lines = _rows([video.info], scores, starts, judgement)
        rows += [
            replace(_examined(row, run, heard, video.notes), leading_silence=silence)
            for row in made
        ]
        segments += lines
        distances.append(scores.distances)
        timelines |= _timelines(tracks, [video.info], judgement) if stride else {}
    return Scores(
        tuple(rows),
        tuple(segments),
        trimmed=trim_silence,
        distances=np.concatenate(distances),
        timelines=timelines,
    )


def _rows(
    infos: Sequence[VideoInfo],
    segments: SegmentScores,
    starts: Sequence[float],
    judgement: Judgement,
) -> tuple[list[VideoScore], tuple[SegmentRow, ...]]:
    fakes = judgement.scores(segments, len(infos))
    distances, counts = video_distances(segments, len(infos))
    rows = [
        _scored(info, fake, distance, count, judgement)
        for info, fake, distance, count in zip(
            infos, fakes.tolist(), distances.tolist(), counts.tolist(), strict=True
        )
    ]
    lines = tuple(
        SegmentRow(
            infos[video].id,
            round(start, 3),
            round(start + SEGMENT_SECONDS, 3),
            *(or_none(value) for value in (*fake, distance)),
        )
        for video, start, fake, distance in zip(
            segments.video.tolist(),
            starts,
            segments.fake.tolist(),
            segments.distance.tolist(),
            strict=True,
        )
    )
    return rows, lines


def _scored(
    info: VideoInfo, fake: Sequence[float], distance: float, segments: int, judgement: Judgement
) -> VideoScore:
    if not segments:
        return video_score(
            info, status="too_short", reason="nothing of a segment's length to score"
        )
    visual, audio, video = (or_none(value) for value in fake)
    return video_score(info, (visual, audio, video), judgement, or_none(distance), segments)


def _sound_masked(tracks: Sequence[TrackScores], silent: Sequence[int]) -> list[TrackScores]:
    """`silent`: numbers of the videos that have no sound to judge."""
    return [replace(track, windows=track.windows.without_sound(silent)) for track in tracks]


def _examined(
    row: VideoScore, run: LoadedRun, heard: bool, notes: Sequence[str] = ()
) -> VideoScore:
    """The row with what was examined, and with every reason to read it with care.

    Silence says nothing of whether a voice is real. `notes`: what preparation said of the video.
    """
    if row.status != OK:
        return row
    config = run.info.config.model
    sound = config.has_audio and heard
    examined = ("both" if sound else "picture") if config.has_visual else "sound" if sound else ""
    told = [*notes, *([] if heard else [NO_SOUND]), row.reason]
    return replace(row, examined=examined, reason="; ".join(dict.fromkeys(filter(None, told))))


def _unscored(item: Unprepared, split: str = "") -> VideoScore:
    info = replace(item.info, split=split or item.info.split)
    return video_score(info, status=item.status, reason=item.reason)
