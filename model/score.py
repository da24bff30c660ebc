"""Scoring: every listed video gets a row, with its verdicts or the reason why there are none."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from avdf.cache.clock import SAMPLE_RATE, SEGMENT_SECONDS
from avdf.cache.errors import SettingsError
from avdf.cache.silence import leading_silence, silences, silent_rows, without_silence
from avdf.cache.split import splits_of
from avdf.cache.stream import (
    ShardPool,
    VideoRef,
    Window,
    in_batches,
    list_shard_videos,
    prepared_batches,
    prepared_segment_starts,
    scoring_windows,
    stream_batches,
)
from avdf.cache.video import SPLITS, PreparedVideo, VideoInfo
from avdf.model.predict import SegmentScores, score_segments, video_distances
from avdf.model.run import LoadedRun
from avdf.model.verdict import Judgement

OK = "ok"


@dataclass(frozen=True)
class SegmentRow:
    """A line of `segments.csv`: one segment of a video, in seconds of its own time."""

    id: str
    start: float
    end: float
    p_visual: float | None
    p_audio: float | None
    p_video: float | None
    distance: float | None


@dataclass(frozen=True)
class VideoScore:
    """A line of the scores' `videos.csv`.

    Probabilities are None without scores (`status` is not `ok`), and for a verdict that the detector was not taught.
    """

    id: str
    path: str
    label: int
    label_visual: int
    label_audio: int
    p_visual: float | None
    p_audio: float | None
    p_video: float | None
    verdict: str
    verdict_visual: str
    verdict_audio: str
    distance: float | None
    segments: int
    status: str
    reason: str = ""
    leading_silence: float | None = None  # seconds before the first sound, as far as 2 s
    dataset: str = ""
    split: str = ""
    category: str = ""
    method: str = ""
    identity: str = ""
    group: str = ""
    gender: str = ""


@dataclass(frozen=True)
class Scores:
    """What scoring came to. `split` is '' where everything was scored; `given_splits`: the dataset's own.

    trimmed: without each video's leading silence.
    """

    videos: tuple[VideoScore, ...]
    segments: tuple[SegmentRow, ...]
    split: str = ""
    given_splits: bool = True
    trimmed: bool = False

    @property
    def scored(self) -> tuple[VideoScore, ...]:
        return tuple(video for video in self.videos if video.status == OK)


@dataclass(frozen=True)
class Unscored:
    """A listed video that could not be prepared, with the status and reason from preparation."""

    info: VideoInfo
    status: str
    reason: str


def score_shards(
    run: LoadedRun,
    shards: Path,
    split: str,
    unprepared: Sequence[Unscored] = (),
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    segments_of: Callable[[Sequence[Window], Callable[[int], None]], SegmentScores] | None = None,
    judgement: Judgement | None = None,
    trim_silence: bool = False,
) -> Scores:
    """Score the videos of a split ('' for all). `unprepared` are accounted for, not forgotten.

    Args:
        segments_of: scores windows somewhere else than here, and tells how many are done.
        judgement: how videos are judged; without, as validation found it in training.
        trim_silence: leave out each video's leading silence, in whole rows, from picture and sound.

    Raises:
        ShardError, SettingsError: unreadable shards, an unknown or empty split.
    """
    if split and split not in SPLITS:
        raise SettingsError(f"split {split!r} is unknown; use one of {', '.join(SPLITS)}, or all")
    everything = list_shard_videos(shards)
    splits, given = splits_of([video.info for video in everything], run.info.config.data.split_seed)
    chosen = [(video, name) for video, name in zip(everything, splits, strict=True) if split in ("", name)]
    videos = [video for video, _ in chosen]
    if not videos:
        raise SettingsError(f"{shards}: no video of split {split!r} among {len(everything)}; see `avdf info {shards}`")
    missing = _of_split(unprepared, split, chosen, given)
    silence = silences(videos)
    skip = [silent_rows(seconds) if trim_silence else 0 for seconds in silence.tolist()]
    windows = scoring_windows(videos, skip=skip)
    score = segments_of or (lambda which, tell: _segments_here(run, which, tell))
    segments = score(windows, lambda done: on_progress(done, len(windows)))
    starts = [videos[window.video].second(window.row) for window in windows]
    infos = [replace(video.info, split=name) for video, name in chosen]
    rows, lines = _rows(infos, segments, starts, judgement or run.judgement())
    told = [replace(row, leading_silence=_known(seconds)) for row, seconds in zip(rows, silence.tolist(), strict=True)]
    return Scores((*told, *(_unscored(item) for item in missing)), lines, split, given, trim_silence)


def _segments_here(run: LoadedRun, windows: Sequence[Window], tell: Callable[[int], None]) -> SegmentScores:
    data, pool = run.info.config.data, ShardPool()
    try:
        stream = stream_batches(pool, in_batches(windows, data.batch_size), data.threads, data.ahead)
        return score_segments(run.detector, stream, run.device, tell, run.info.config.verdicts)
    finally:
        pool.close()


def score_prepared(
    run: LoadedRun,
    videos: Iterable[PreparedVideo | Unscored],
    judgement: Judgement | None = None,
    trim_silence: bool = False,
) -> Scores:
    """Score videos in memory, one after another. Arguments as for `score_shards`."""
    rows: list[VideoScore] = []
    segments: list[SegmentRow] = []
    for prepared in videos:
        if isinstance(prepared, Unscored):
            rows.append(_unscored(prepared))
            continue
        first = prepared.tracks[0]
        silence = leading_silence(first.pcm) / SAMPLE_RATE if first.start == 0 else None
        video = without_silence(prepared) if trim_silence else prepared
        batches = prepared_batches(video, 0, run.info.config.data.batch_size)
        scores = score_segments(run.detector, batches, run.device, verdicts=run.info.config.verdicts)
        made, lines = _rows([video.info], scores, prepared_segment_starts(video), judgement or run.judgement())
        rows += [replace(row, leading_silence=silence) for row in made]
        segments += lines
    return Scores(tuple(rows), tuple(segments), trimmed=trim_silence)


def _of_split(
    unprepared: Sequence[Unscored], split: str, chosen: Sequence[tuple[VideoRef, str]], given: bool
) -> list[Unscored]:
    """The unprepared videos that belong to a split: by the dataset's word, or by their identity."""
    if not split:
        return list(unprepared)
    if given:
        return [item for item in unprepared if item.info.split == split]
    identities = {video.info.identity for video, _ in chosen if video.info.identity}
    return [item for item in unprepared if item.info.identity in identities]


def _rows(
    infos: Sequence[VideoInfo], segments: SegmentScores, starts: Sequence[float], judgement: Judgement
) -> tuple[list[VideoScore], tuple[SegmentRow, ...]]:
    fakes = judgement.scores(segments, len(infos))
    distances, counts = video_distances(segments, len(infos))
    rows = [
        _scored(info, fake, distance, count, judgement)
        for info, fake, distance, count in zip(infos, fakes.tolist(), distances.tolist(), counts.tolist(), strict=True)
    ]
    lines = tuple(
        SegmentRow(
            infos[video].id,
            round(start, 3),
            round(start + SEGMENT_SECONDS, 3),
            *(_known(value) for value in (*fake, distance)),
        )
        for video, start, fake, distance in zip(
            segments.video.tolist(), starts, segments.fake.tolist(), segments.distance.tolist(), strict=True
        )
    )
    return rows, lines


def _scored(info: VideoInfo, fake: Sequence[float], distance: float, segments: int, judgement: Judgement) -> VideoScore:
    visual, audio, video = (_known(value) for value in fake)
    return VideoScore(
        p_visual=visual,
        p_audio=audio,
        p_video=video,
        verdict=judgement.verdict("video", video),
        verdict_visual=judgement.verdict("visual", visual),
        verdict_audio=judgement.verdict("audio", audio),
        distance=_known(distance),
        segments=segments,
        status=OK,
        **_described(info),
    )


def _unscored(item: Unscored) -> VideoScore:
    return VideoScore(
        p_visual=None,
        p_audio=None,
        p_video=None,
        verdict="",
        verdict_visual="",
        verdict_audio="",
        distance=None,
        segments=0,
        status=item.status,
        reason=item.reason,
        **_described(item.info),
    )


def _described(info: VideoInfo) -> dict[str, Any]:
    return {name: getattr(info, name) for name in VideoScore.__dataclass_fields__ if hasattr(info, name)}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
