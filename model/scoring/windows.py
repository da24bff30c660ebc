"""Segments of shards, read in batches and scored: the fast way, which gives no timelines."""

from collections.abc import Callable, Sequence
from contextlib import closing

import numpy as np

from avdf.cache.core.clock import FRAME_SIZE, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.batches import read_in_batches
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window, scoring_windows
from avdf.model.inference.outputs import score_segments
from avdf.model.inference.segments import SegmentScores
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.measured import NOT_FINITE, Measured

# Scores windows in their order, here or elsewhere, and reports how many are done.
ScoreWindows = Callable[[Sequence[Window], Callable[[int], None]], SegmentScores]


def measure_windows(
    run: LoadedRun,
    videos: Sequence[VideoRef],
    skip: Sequence[int],
    score: ScoreWindows,
    on_progress: Callable[[int, int], None],
) -> Measured:
    """Score the non-overlapping segments of videos in shards.

    Args:
        skip: frames that are left out at the start of each video.
        score: scores the windows, here or elsewhere.
        on_progress: called with the number of windows done and the number of all.
    """
    windows = scoring_windows(videos, skip=skip)
    segments = score(windows, lambda done: on_progress(done, len(windows)))
    damaged = _damaged(windows, segments, run.info.trained)
    readable = [window.video not in damaged for window in windows]
    starts = [
        videos[window.video].file_time(window.row)
        for window, kept in zip(windows, readable, strict=True)
        if kept
    ]
    return Measured(
        segments=segments.chosen(np.array(readable, bool)),
        starts=tuple(starts),
        damaged=damaged,
    )


def score_windows(
    run: LoadedRun,
    windows: Sequence[Window],
    on_progress: Callable[[int], None] = lambda _: None,
) -> SegmentScores:
    """Read windows from their shards and score them on this machine, in their order.

    All values of a window that cannot be read are NaN. `on_progress` is called with the number
    of windows done.
    """
    data = run.info.config.data
    unreadable: set[Window] = set()

    def leave_out(
        window: Window,
        _attempt: int,
        _error: SegmentError,
    ) -> None:
        unreadable.add(window)

    # The run may have been trained on a larger machine: a smaller batch gives the same scores.
    batches = read_in_batches(
        windows, data.batch_size, data.threads, data.ahead, leave_out
    )
    scores = score_segments(
        run.detector,
        batches,
        run.device,
        on_progress,
        run.info.trained,
    )
    is_readable = [window not in unreadable for window in windows]
    owners = [window.video for window in windows]
    return scores.spread(np.array(is_readable, bool), owners)


def _damaged(
    windows: Sequence[Window],
    segments: SegmentScores,
    trained: Sequence[str],
) -> dict[int, str]:
    """Why each video with an unscored window has no scores, by the video's index.

    A window is unscored where a verdict that the detector was trained for is not a finite number.
    It is read once more, since only reading it says what is wrong.
    """
    reasons: dict[int, str] = {}
    unscored = np.flatnonzero(~segments.finite(trained)).tolist()
    if not unscored:
        return reasons
    with closing(ShardPool()) as pool:
        for index in unscored:
            window = windows[index]
            if window.video not in reasons:
                reasons[window.video] = _reason(pool, window)
    return reasons


def _reason(pool: ShardPool, window: Window) -> str:
    frames = np.empty((SEGMENT_FRAMES, FRAME_SIZE, FRAME_SIZE, 3), np.uint8)
    try:
        pool.read(window, frames)
    except SegmentError as error:
        return str(error)
    return f"{NOT_FINITE} (row {window.row} of {window.shard})"
