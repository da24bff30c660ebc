"""Which windows an epoch trains on: the same for each number of ranks, and after a resume."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.stream.index import TrackRef, VideoRef
from avdf.cache.stream.windows import Window
from avdf.model.protocols import assign
from avdf.model.runs.config import DataSettings, RunConfig
from avdf.model.training.distributed import Ranks
from avdf.model.training.label_classes import find_classes
from avdf.model.training.training_set import TrainingSet
from avdf.model.training.window_sampler import WindowSampler, sampling_tracks
from avdf.model.verdicts import PerVerdict

ROWS = 100


def make_set(periods: tuple[Period, ...] = ()) -> TrainingSet:
    """Eight videos of one track of 100 rows; every second one is fake."""
    videos = []
    for number in range(8):
        label = number % 2
        info = VideoInfo(
            id=f"v{number}",
            path=f"v{number}",
            split="train",
            label=label,
            label_visual=label,
            label_audio=0,
            periods=periods if label else (),
        )
        track = TrackRef(row=number * ROWS, rows=ROWS, start=0.0, has_audio=True)
        videos.append(VideoRef(info, Path("shard"), (track,), ()))
    assignment = assign("dataset", [video.info for video in videos])
    return TrainingSet(tuple(videos), (), assignment)


def sampler(
    ranks: Ranks = Ranks(), data: TrainingSet | None = None, **known: object
) -> WindowSampler:
    settings = DataSettings(batch_size=4, **known)  # type: ignore[arg-type]
    return WindowSampler(data or make_set(), RunConfig(data=settings), ranks)


def windows_of(chosen: WindowSampler, epoch: int, done: int = 0) -> list[list[Window]]:
    return list(chosen.windows(chosen.batches(epoch), epoch, done))


def test_an_epoch_shows_each_video() -> None:
    windows = [window for batch in windows_of(sampler(), 1) for window in batch]
    assert {window.video for window in windows} == set(range(8))


def test_a_window_lies_in_the_track_of_its_video() -> None:
    for batch in windows_of(sampler(), 1):
        for window in batch:
            first = window.video * ROWS
            assert first <= window.row <= first + ROWS - 16


def test_the_start_of_a_video_is_skipped() -> None:
    for batch in windows_of(sampler(skip_start=60), 1):
        assert all(window.row - window.video * ROWS >= 60 for window in batch)


def test_the_same_epoch_has_the_same_windows() -> None:
    assert windows_of(sampler(), 3) == windows_of(sampler(), 3)


def test_another_epoch_has_other_windows() -> None:
    assert windows_of(sampler(), 1) != windows_of(sampler(), 2)


def test_a_resumed_epoch_goes_on_with_the_windows_that_were_left() -> None:
    assert windows_of(sampler(), 1, done=1) == windows_of(sampler(), 1)[1:]


def test_two_ranks_read_the_windows_of_one() -> None:
    alone = windows_of(sampler(), 1)
    shares = [windows_of(sampler(Ranks(rank, world=2)), 1) for rank in (0, 1)]
    together = [first + second for first, second in zip(*shares, strict=True)]
    assert together == alone


def test_a_replacement_is_the_same_in_each_run() -> None:
    window = Window(3, Path("shard"), 310)
    first = sampler().replacement(window, epoch=2, attempt=1)
    assert first == sampler().replacement(window, epoch=2, attempt=1)


@pytest.mark.parametrize("attempt", [1, 2, 3, 4])
def test_the_first_replacements_come_from_the_same_video(attempt: int) -> None:
    window = Window(3, Path("shard"), 310)
    assert sampler().replacement(window, epoch=1, attempt=attempt).video == 3


def test_later_replacements_come_from_videos_with_the_same_labels() -> None:
    window = Window(3, Path("shard"), 310)
    found = [
        sampler().replacement(window, epoch=1, attempt=attempt)
        for attempt in range(5, 21)
    ]
    videos = {replacement.video for replacement in found}
    assert videos <= {1, 3, 5, 7}
    assert len(videos) > 1


def test_windows_have_the_labels_of_their_videos() -> None:
    windows = [Window(0, Path("shard"), 0), Window(1, Path("shard"), 100)]
    labels = sampler().labels(windows)
    assert labels.dtype == torch.int64
    assert labels.tolist() == [[0, 0, 0], [1, 1, 0]]


def test_a_silent_video_trains_the_visual_verdict_alone() -> None:
    data = make_set()
    silent = [
        replace(video, tracks=tuple(replace(t, has_audio=False) for t in video.tracks))
        for video in data.train
    ]
    muted = replace(data, train=tuple(silent))
    windows = [Window(0, Path("shard"), 0), Window(1, Path("shard"), 100)]
    # The video and the audio of both are unknown: label, label_visual, label_audio.
    assert sampler(data=muted).labels(windows).tolist() == [[-2, 0, -2], [-2, 1, -2]]
    assert find_classes(muted.train, "video") == PerVerdict(
        visual={0, 1}, audio=set(), video=set()
    )


def test_windows_have_the_labels_of_their_periods_where_these_are_wanted() -> None:
    data = make_set((Period(0.0, 1.0, visual=0, audio=1),))
    windows = [Window(1, Path("shard"), 100), Window(1, Path("shard"), 180)]
    labels = sampler(data=data, labels="periods").labels(windows)
    assert labels.tolist() == [[1, 0, 1], [0, 0, 0]]


def test_half_of_the_draws_come_from_around_a_period() -> None:
    video = make_set((Period(2.0, 2.4, visual=1, audio=0),)).train[1]
    near = [sampling_tracks(video, 0, 1, slot) != video.tracks for slot in range(400)]
    assert np.mean(near) == pytest.approx(0.5, abs=0.1)


def test_a_video_without_periods_is_drawn_from_everywhere() -> None:
    video = make_set().train[0]
    assert all(sampling_tracks(video, 0, 1, slot) == video.tracks for slot in range(20))


def test_a_period_outside_the_tracks_is_drawn_from_everywhere() -> None:
    video = make_set((Period(90.0, 91.0, visual=1, audio=0),)).train[1]
    assert all(sampling_tracks(video, 0, 1, slot) == video.tracks for slot in range(20))
