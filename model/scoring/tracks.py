"""Whole face tracks, read clip by clip and scored: for timelines, perturbations and files."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.stream.clips import TrackClip, prepared_clips, shard_clips
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.silence import without_silence
from avdf.model.inference.segments import join_segments
from avdf.model.inference.tracks import TrackScores, score_clips
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.file_speech import FileSpeech
from avdf.model.scoring.measured import NOT_FINITE, Measured, segment_faces
from avdf.model.scoring.settings import Perturb, ScorerSettings
from avdf.model.scoring.subjects import Subject, subject_of
from avdf.model.speaking.speech import IntArray

OnProgress = Callable[[int, int], None]  # videos done, videos in all
# A file, the seconds of its tracks that are scored, and the seconds of all of them.
OnRows = Callable[[VideoInfo, float, float], None]


def no_report(_info: VideoInfo, _seconds: float, _length: float) -> None:
    """Nobody wants to know how far a file is."""


def measure_tracks(
    run: LoadedRun,
    videos: Sequence[VideoRef],
    skip: Sequence[int],
    settings: ScorerSettings,
    on_progress: OnProgress,
) -> Measured:
    """Score the whole tracks of videos in shards.

    Args:
        skip: frames that are left out at the start of each video.
        on_progress: called with the number of videos done and the number of all.
    """
    damaged: dict[int, str] = {}

    def leave_out(video: int, error: SegmentError) -> None:
        damaged[video] = str(error)

    tracks = []
    clips = shard_clips(
        videos,
        skip,
        run.info.config.data.threads,
        leave_out,
    )
    for track in _score(run, clips, settings):
        tracks.append(track)
        on_progress(track.video, len(videos))
    on_progress(len(videos), len(videos))
    return _measured(run, tracks, settings, damaged)


def measure_files(
    run: LoadedRun,
    videos: Iterable[PreparedVideo | Unprepared],
    settings: ScorerSettings,
    on_rows: OnRows = no_report,
) -> tuple[list[Subject | Unprepared], Measured]:
    """Score prepared files one at a time, as they come; none is kept after it is scored.

    Args:
        on_rows: called while a file is scored.
    """
    subjects: list[Subject | Unprepared] = []
    tracks: list[TrackScores] = []
    speech: list[IntArray] = []
    judgement = settings.judgement or run.judgement()
    calibration = judgement.sync.usable
    # Perturbed videos are compared with each other, not with the validation videos.
    measured = judgement.compares and settings.perturb is None
    for number, prepared in enumerate(videos):
        if isinstance(prepared, Unprepared):
            subjects.append(prepared)
            continue
        subjects.append(subject_of(prepared, measured))
        video = without_silence(prepared) if settings.trim_silence else prepared
        # Perturbations are seeded by the number of the video. Each file has number 0 here, so that
        # its scores do not depend on the files that are scored beside it.
        watcher = FileSpeech(video)
        scored = _score(run, watcher.watch(_reported(video, on_rows)), settings)
        own = [
            track.of_video(number, shown.face)
            for shown, track in zip(video.tracks, scored, strict=True)
        ]
        tracks += own
        speech += watcher.states(own, calibration)
    return subjects, _measured(run, tracks, settings, {}, speech)


def _reported(video: PreparedVideo, on_rows: OnRows) -> Iterator[TrackClip]:
    """The clips of a file; after each, how much of all tracks was asked for is reported."""
    rows = sum(len(track) for track in video.tracks)
    done = 0
    for clip in prepared_clips(video):
        yield clip
        done += len(clip.pcm) // SAMPLES_PER_FRAME
        on_rows(video.info, done / FRAME_RATE, rows / FRAME_RATE)


def _score(
    run: LoadedRun, clips: Iterator[TrackClip], settings: ScorerSettings
) -> Iterator[TrackScores]:
    """Score tracks as their clips come, perturbed where that is asked for."""
    stride = settings.stride or SEGMENT_FRAMES
    if settings.perturb:
        clips = _perturbed(clips, settings.perturb)
    return score_clips(
        run.detector,
        clips,
        run.device,
        stride,
        run.info.trained,
    )


def _perturbed(clips: Iterator[TrackClip], change: Perturb) -> Iterator[TrackClip]:
    """The clips with their frames and audio changed."""
    for clip in clips:
        # The clip without rows that ends a damaged track has nothing to change.
        yield change(clip) if len(clip.frames) else clip


def _measured(
    run: LoadedRun,
    tracks: Sequence[TrackScores],
    settings: ScorerSettings,
    damaged: dict[int, str],
    speech: Sequence[IntArray] | None = None,
) -> Measured:
    """What was measured of tracks, without videos that were not read or have no finite scores.

    Args:
        damaged: why a video was not read, by its index; the others are added.
        speech: of files, whether the face of each track speaks in each of its segments.
    """
    segments = [track.segments() for track in tracks]
    # One bad segment spoils the mean of its video: the video gets a reason instead of a score.
    for track, (scores, _) in zip(tracks, segments, strict=True):
        if not scores.finite(track.expected(run.info.trained)).all():
            damaged.setdefault(track.video, NOT_FINITE)

    readable = [n for n, track in enumerate(tracks) if track.video not in damaged]
    starts = [seconds for n in readable for seconds in segments[n][1].tolist()]
    timed = tuple(tracks[n] for n in readable) if settings.stride else ()
    faces = None
    if speech is not None:
        faces = segment_faces([(tracks[n].face, speech[n]) for n in readable])
    return Measured(
        segments=join_segments([segments[n][0] for n in readable]),
        starts=tuple(starts),
        tracks=timed,
        damaged=damaged,
        faces=faces,
    )
