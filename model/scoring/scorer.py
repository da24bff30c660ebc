"""Scoring: every listed video gets a row, with its verdicts or the reason why there are none.

The stages, each in a file of its own:

choice          which videos of the shards are scored, and what is known of each (`subjects`)
windows, tracks read segments or whole tracks and run the detector over them (`measured`)
tables          aggregate, decide, and make the rows (`rows`)
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from avdf.cache.core.video import PreparedVideo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.choice import choose
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.measured import Measured
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.scoring.subjects import Subject, measured_subjects
from avdf.model.scoring.tables import (
    Listed,
    file_rows,
    segment_rows,
    timelines_of,
    video_rows,
)
from avdf.model.scoring.tracks import OnRows, measure_files, measure_tracks, no_report
from avdf.model.scoring.windows import ScoreWindows, measure_windows, score_windows


def score_shards(
    run: LoadedRun,
    shards: Path,
    split: str = "test",
    settings: ScorerSettings = ScorerSettings(),
    *,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    score: ScoreWindows | None = None,
) -> ScoredVideos:
    """Score the videos of a split ('': all). Those that were not prepared have rows too.

    Args:
        on_progress: called with what is done and what there is: windows, or videos where whole
            tracks are read.
        score: scores windows elsewhere; None: on this machine.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: an unknown protocol, or an unknown or empty split.
    """
    choice = choose(run, shards, split, settings.protocol)
    skip = [
        subject.silent_rows if settings.trim_silence else 0
        for subject in choice.subjects
    ]
    if settings.whole_tracks:
        measured = measure_tracks(run, choice.videos, skip, settings, on_progress)
    else:
        score = score or partial(score_windows, run)
        measured = measure_windows(run, choice.videos, skip, score, on_progress)
    judgement = settings.judgement
    # Perturbed videos are compared with each other, not with the validation videos.
    if judgement is not None and judgement.compares and settings.perturb is None:
        subjects = measured_subjects(choice.subjects, choice.videos)
        choice = replace(choice, subjects=subjects)
    listed = choice.listed
    return replace(
        _decide(run, listed, measured, settings),
        split=split,
        assignment=choice.assignment,
        periods={
            item.info.id: item.info.periods for item in listed if item.info.periods
        },
        trained_on=choice.trained_on,
        notes=choice.notes,
    )


def score_prepared(
    run: LoadedRun,
    videos: Iterable[PreparedVideo | Unprepared],
    settings: ScorerSettings = ScorerSettings(),
    on_rows: OnRows = no_report,
) -> ScoredVideos:
    """Score videos in memory, one after another; those that could not be prepared have rows too.

    Args:
        on_rows: called with each video, the seconds of it that are scored, and those of all of it.
    """
    listed, measured = measure_files(run, videos, settings, on_rows)
    return _decide(run, listed, measured, settings)


def _decide(
    run: LoadedRun, listed: Listed, measured: Measured, settings: ScorerSettings
) -> ScoredVideos:
    """Aggregate segments to videos and give the verdicts."""
    judgement = settings.judgement or run.judgement()
    config = run.info.config.model
    # A single branch never took the other modality, and its verdict rests on its own alone.
    subjects = [
        (index, item) for index, item in enumerate(listed) if isinstance(item, Subject)
    ]
    if config.has_audio:
        silent = [index for index, item in subjects if not item.has_audio]
        measured = measured.without_audio(silent)
    if config.has_visual:
        unseen = [index for index, item in subjects if not item.has_picture]
        measured = measured.without_picture(unseen)
    faces: tuple[FaceRow, ...] = ()
    if measured.faces is None:
        videos = video_rows(listed, measured, judgement, config)
    else:
        videos, faces = file_rows(listed, measured, judgement, config)
    judged = measured.judged()
    return ScoredVideos(
        videos=videos,
        faces=faces,
        segments=segment_rows(listed, judged, judgement),
        trimmed=settings.trim_silence,
        distances=judged.segments.distances,
        timelines=timelines_of(listed, judged, judgement),
    )
