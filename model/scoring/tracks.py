"""Whole face tracks, read clip by clip and scored: for timelines, perturbations and files."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.video import PreparedVideo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.stream.clips import TrackClip, prepared_clips, shard_clips
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.silence import without_silence
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.inference.tracks import TrackScores, score_clips
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.measured import NOT_FINITE, Measured, join_measured
from avdf.model.scoring.options import ScoringOptions
from avdf.model.scoring.subjects import Subject, subject_of

OnProgress = Callable[[int, int], None]  # videos done, videos in all


def measure_tracks(
    run: LoadedRun,
    videos: Sequence[VideoRef],
    skip: Sequence[int],
    options: ScoringOptions,
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

    def show(track: TrackScores) -> None:
        on_progress(track.video, len(videos))

    clips = shard_clips(videos, skip, run.info.config.data.threads, leave_out)
    measured = _measure(run, clips, options, damaged, show)
    on_progress(len(videos), len(videos))
    return measured


def measure_files(
    run: LoadedRun,
    videos: Iterable[PreparedVideo | Unprepared],
    options: ScoringOptions,
) -> tuple[list[Subject | Unprepared], Measured]:
    """Score prepared files one at a time, so that only one is in memory."""
    subjects: list[Subject | Unprepared] = []
    parts: list[Measured] = []
    for number, prepared in enumerate(videos):
        if isinstance(prepared, Unprepared):
            subjects.append(prepared)
            continue
        subjects.append(subject_of(prepared))
        video = without_silence(prepared) if options.trim_silence else prepared
        # Perturbations are seeded by the number of the video. Each file has number 0 here, so that
        # its scores do not depend on the files that are scored beside it.
        measured = _measure(run, prepared_clips(video), options, {})
        parts.append(measured.as_video(number))
    return subjects, join_measured(parts)


def _measure(
    run: LoadedRun,
    clips: Iterator[TrackClip],
    options: ScoringOptions,
    damaged: dict[int, str],
    on_track: Callable[[TrackScores], None] = lambda _: None,
) -> Measured:
    """Score clips, and leave out the videos that cannot be read or that have no finite scores.

    `damaged` is filled while the clips are read: index of a video -> why it cannot be read.
    """
    trained = run.info.trained
    stride = options.stride or SEGMENT_FRAMES
    clips = _perturbed(clips, options)
    tracks = []
    for track in score_clips(run.detector, clips, run.device, stride, trained):
        tracks.append(track)
        on_track(track)

    # One bad segment spoils the mean of its video: the video gets a reason instead of a score.
    for track in tracks:
        segments, _ = track.segments()
        if not segments.finite(trained).all():
            damaged.setdefault(track.video, NOT_FINITE)

    readable = [track for track in tracks if track.video not in damaged]
    parts: list[SegmentScores] = []
    starts: list[float] = []
    for track in readable:
        segments, seconds = track.segments()
        parts.append(segments)
        starts += seconds.tolist()
    timed = tuple(readable) if options.stride else ()
    return Measured(join_segments(parts), tuple(starts), timed, damaged)


def _perturbed(
    clips: Iterator[TrackClip], options: ScoringOptions
) -> Iterator[TrackClip]:
    """The clips with their frames and audio changed, where that is asked for."""
    change = options.perturb
    for clip in clips:
        # The clip without rows that ends a damaged track has nothing to change.
        yield change(clip) if change and len(clip.frames) else clip
