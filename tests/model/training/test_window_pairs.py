"""Forged windows in the batches of training: each stands after its genuine source."""

from collections import Counter
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.stream.index import TrackRef, VideoRef
from avdf.cache.stream.windows import Window
from avdf.model.protocols import assign
from avdf.model.runs.config import Augmentation, DataSettings, RunConfig
from avdf.model.training.changed_window import ChangedWindow
from avdf.model.training.distributed import Ranks
from avdf.model.training.training_set import TrainingSet
from avdf.model.training.window_sampler import WindowSampler
from tests.helpers.plain_forgers import BRIGHT, FORGERS, LOUD

ROWS = 100


@pytest.fixture(autouse=True)
def _plain_forgers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avdf.model.forging.catalogue.FORGERS", FORGERS)


def make_video(number: int, label: int, has_picture: bool, has_audio: bool) -> VideoRef:
    info = VideoInfo(
        id=f"v{number}",
        path=f"v{number}",
        split="train",
        label=label,
        label_visual=label,
        label_audio=0,
        identity=f"person {number // 2}",
    )
    track = TrackRef(number * ROWS, ROWS, 0.0, has_audio, has_picture)
    return VideoRef(info, Path("shard"), (track,), ())


def make_set(
    fakes: bool = False, has_picture: bool = True, has_audio: bool = True
) -> TrainingSet:
    """24 videos of two for each person; with `fakes`, every second one is fake."""
    videos = tuple(
        make_video(number, number % 2 if fakes else 0, has_picture, has_audio)
        for number in range(24)
    )
    assignment = assign("dataset", [video.info for video in videos])
    return TrainingSet(videos, (), assignment, FORGERS, is_genuine_alone=not fakes)


def sampler(
    data: TrainingSet,
    ranks: Ranks = Ranks(),
    augment: Augmentation = "none",
    forge_share: float = 0.5,
) -> WindowSampler:
    known = DataSettings(
        batch_size=8, forge=True, augment=augment, forge_share=forge_share
    )
    return WindowSampler(data, RunConfig(data=known), ranks)


def batches_of(chosen: WindowSampler, epoch: int, done: int = 0) -> list[list[Window]]:
    return list(chosen.windows(chosen.batches(epoch), epoch, done))


def pairs_of(batch: list[Window]) -> list[tuple[ChangedWindow, ChangedWindow]]:
    every = [window for window in batch if isinstance(window, ChangedWindow)]
    assert len(every) == len(batch)
    return list(zip(every[::2], every[1::2], strict=True))


def test_each_genuine_window_is_followed_by_its_forged_copy() -> None:
    for batch in batches_of(sampler(make_set()), 1):
        for genuine, forged in pairs_of(batch):
            assert genuine.plan is None and forged.plan is not None
            place = forged.video, forged.shard, forged.row
            assert place == (genuine.video, genuine.shard, genuine.row)


def test_an_epoch_shows_each_genuine_video_once() -> None:
    batches = batches_of(sampler(make_set()), 1)
    shown = Counter(window.video for batch in batches for window in batch[::2])
    assert shown == Counter(range(24))


def test_windows_have_the_labels_of_their_forgeries_and_number_of_their_source() -> (
    None
):
    chosen = sampler(make_set())
    windows = [window for batch in batches_of(chosen, 1) for window in batch]
    expected = {
        (): [0, 0, 0],
        ("bright",): [1, 1, 0],
        ("loud",): [1, 0, 1],
        ("bright", "loud"): [1, 1, 1],
        ("other",): [1, 0, 0],
    }
    labels = chosen.labels(windows).tolist()
    seen = set()
    for window, row in zip(windows, labels, strict=True):
        assert isinstance(window, ChangedWindow)
        forgers = window.plan.forgers if window.plan else ()
        seen.add(forgers)
        assert row[:3] == expected[forgers]
    assert seen == set(expected)
    sources = [row[3] for row in labels]
    assert sources[::2] == sources[1::2]
    assert len(set(sources)) == len(windows) // 2


def test_a_part_of_the_fake_windows_is_replaced_where_there_are_fakes() -> None:
    chosen = sampler(make_set(fakes=True), forge_share=0.25)
    pairs = [
        pair
        for epoch in range(1, 60)
        for batch in batches_of(chosen, epoch)
        for pair in pairs_of(batch)
    ]
    for genuine, other in pairs:
        assert genuine.video % 2 == 0 and genuine.plan is None
        if other.plan is None:
            assert other.video % 2 == 1 and other.source != genuine.source
        else:
            assert other.video == genuine.video and other.source == genuine.source
    share = sum(other.plan is not None for _, other in pairs) / len(pairs)
    # 708 pairs: 5 standard deviations of a binomial distribution are 0.08.
    assert share == pytest.approx(0.25, abs=0.08)


def test_genuine_and_fake_windows_stay_where_they_were() -> None:
    """Forging replaces fakes, and moves nothing else."""
    data = make_set(fakes=True)
    plain = batches_of(sampler(replace(data, forgers=())), 1)
    forged = batches_of(sampler(data), 1)
    for before, after in zip(plain, forged, strict=True):
        for one, other in zip(before, after, strict=True):
            assert isinstance(other, ChangedWindow)
            if other.plan is None:
                assert (one.video, one.row) == (other.video, other.row)


def test_the_same_epoch_has_the_same_forgeries_and_another_epoch_others() -> None:
    chosen = sampler(make_set())
    assert batches_of(chosen, 2) == batches_of(sampler(make_set()), 2)
    assert batches_of(chosen, 2) != batches_of(chosen, 3)
    assert batches_of(chosen, 2)[1:] == batches_of(chosen, 2, done=1)


@pytest.mark.parametrize("fakes", [False, True])
@pytest.mark.parametrize("world", [2, 4])
def test_more_ranks_read_the_windows_of_one(fakes: bool, world: int) -> None:
    data = make_set(fakes)
    alone = batches_of(sampler(data, augment="standard"), 1)
    shares = [
        batches_of(sampler(data, Ranks(rank, world), augment="standard"), 1)
        for rank in range(world)
    ]
    together = [list(chain(*parts)) for parts in zip(*shares, strict=True)]
    assert together == alone


def test_ranks_that_would_part_a_pair_are_refused() -> None:
    with pytest.raises(SettingsError, match="multiple of 16"):
        sampler(make_set(), Ranks(0, 8)).batches(1)


def test_of_silent_videos_only_the_picture_is_forged() -> None:
    chosen = sampler(make_set(has_audio=False))
    for batch in batches_of(chosen, 1):
        assert {f.plan.forgers for _, f in pairs_of(batch) if f.plan} == {("bright",)}
        # label, label_visual, label_audio: without sound there is no verdict on the video.
        rows = chosen.labels(batch)[:, :3].tolist()
        assert rows == [[-2, 0, -2], [-2, 1, -2]] * 4


def test_of_sound_alone_only_the_sound_is_forged() -> None:
    chosen = sampler(make_set(has_picture=False))
    for batch in batches_of(chosen, 1):
        assert {f.plan.forgers for _, f in pairs_of(batch) if f.plan} == {("loud",)}
        rows = chosen.labels(batch)[:, :3].tolist()
        assert rows == [[-2, -2, 0], [-2, -2, 1]] * 4


def test_other_sound_is_that_of_another_person() -> None:
    found = 0
    for batch in batches_of(sampler(make_set()), 1):
        for _, forged in pairs_of(batch):
            if forged.other is not None:
                found += 1
                other = forged.other.row // ROWS
                assert other // 2 != forged.video // 2
                assert forged.other.row % ROWS <= ROWS - 16
    assert found


def test_other_sound_is_never_that_of_a_fake() -> None:
    for batch in batches_of(sampler(make_set(fakes=True), forge_share=0.9), 1):
        for window in batch:
            assert isinstance(window, ChangedWindow)
            if window.other is not None:
                assert window.other.row // ROWS % 2 == 0


def test_augmentation_takes_other_seeds_for_each_window_of_a_pair() -> None:
    chosen = sampler(make_set(), augment="standard")
    windows = [window for batch in batches_of(chosen, 1) for window in batch]
    seeds = {w.augmenting for w in windows if isinstance(w, ChangedWindow)}
    assert len(seeds) == len(windows)
    assert () not in seeds


@pytest.mark.parametrize("attempt", [1, 2, 7])
def test_a_pair_that_cannot_be_read_is_replaced_by_a_pair(attempt: int) -> None:
    chosen = sampler(make_set(), augment="standard")
    genuine, forged = pairs_of(batches_of(chosen, 1)[0])[1]
    first = chosen.replacement(genuine, 1, attempt)
    second = chosen.replacement(forged, 1, attempt)
    assert isinstance(first, ChangedWindow) and isinstance(second, ChangedWindow)
    assert (first.video, first.row) == (second.video, second.row)
    assert first.source == second.source
    assert first.plan is None and second.plan is not None
    assert first.augmenting != second.augmenting


@pytest.mark.parametrize("which", [0, 1])
def test_a_window_that_is_replaced_alone_has_a_source_of_its_own(which: int) -> None:
    chosen = sampler(make_set())
    windows = [window for batch in batches_of(chosen, 1) for window in batch]
    known = {row[3] for row in chosen.labels(windows).tolist()}
    replacements = [
        chosen.replacement(window, 1, attempt)
        for window in windows[which::2]
        for attempt in (1, 7)
    ]
    sources = [row[3] for row in chosen.labels(replacements).tolist()]
    assert not known & set(sources)
    assert len(set(sources)) == len(sources)


def test_another_forgery_is_of_the_same_window() -> None:
    chosen = sampler(make_set())
    _, forged = pairs_of(batches_of(chosen, 1)[0])[0]
    found = [chosen.another_forgery(forged, 1, attempt) for attempt in (1, 2, 3, 4)]
    for one in found:
        assert isinstance(one, ChangedWindow)
        assert replace(one, plan=forged.plan, other=forged.other) == forged
    assert len({one.plan for one in found if isinstance(one, ChangedWindow)}) == 4


def test_augmentation_alone_changes_no_order_and_no_labels() -> None:
    data = replace(make_set(fakes=True), forgers=())
    settings = RunConfig(data=DataSettings(batch_size=8))
    plain = WindowSampler(data, settings, Ranks())
    augmented = sampler(data, augment="standard")
    for before, after in zip(
        batches_of(plain, 1), batches_of(augmented, 1), strict=True
    ):
        assert [(w.video, w.row) for w in before] == [(w.video, w.row) for w in after]
        assert plain.labels(before).equal(augmented.labels(after))


def test_without_either_windows_are_plain() -> None:
    data = replace(make_set(fakes=True), forgers=())
    chosen = WindowSampler(data, RunConfig(data=DataSettings(batch_size=8)), Ranks())
    for batch in batches_of(chosen, 1):
        assert {type(window) for window in batch} == {Window}


def test_a_single_forger_of_the_sound_leaves_silent_videos_genuine() -> None:
    data = replace(make_set(has_audio=False), forgers=(LOUD,))
    for batch in batches_of(sampler(data), 1):
        assert all(w.plan is None for w in batch if isinstance(w, ChangedWindow))
    assert BRIGHT not in data.forgers
