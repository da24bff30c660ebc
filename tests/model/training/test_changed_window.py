"""Windows that are forged and augmented by the thread that reads them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.batches import SegmentBatch, stream_batches
from avdf.cache.stream.index import VideoRef, list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import NOT_STORED, Window
from avdf.model.forging.footage import Footage
from avdf.model.forging.plan import ForgingPlan
from avdf.model.training.changed_window import (
    CannotForgeError,
    ChangedWindow,
    change_read,
)
from tests.helpers.plain_forgers import BRIGHT, FORGERS
from tests.helpers.prepared import grey_track, grey_video, write_shard

ROWS = 90


@pytest.fixture(autouse=True)
def _plain_forgers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avdf.model.forging.catalogue.FORGERS", FORGERS)


@pytest.fixture
def videos(tmp_path: Path) -> tuple[VideoRef, ...]:
    for number in range(2):
        generator = np.random.default_rng(number)
        pcm = generator.integers(-9000, 9000, ROWS * 640).astype(np.int16)
        write_shard(
            tmp_path,
            grey_video(f"v{number}", [grey_track(ROWS, pcm=pcm)]),
            index=number,
        )
    return list_shard_videos(tmp_path)


@pytest.fixture
def pool() -> Iterator[ShardPool]:
    with closing(ShardPool()) as found:
        yield found


def window(
    video: VideoRef,
    row: int = 20,
    segment: int = NOT_STORED,
    plan: ForgingPlan | None = None,
    augmenting: tuple[int, ...] = (),
) -> ChangedWindow:
    return ChangedWindow(
        0,
        video.shard,
        row,
        segment,
        within=video.tracks[0],
        plan=plan,
        augmenting=augmenting,
    )


def read(pool: ShardPool, one: Window) -> SegmentBatch:
    (batch,) = stream_batches(pool, [[one]], on_read=change_read)
    return batch


def test_the_planned_forgery_is_made(
    videos: tuple[VideoRef, ...], pool: ShardPool
) -> None:
    frames, pcm = pool.read_rows(videos[0].shard, 20, 16)
    plan = ForgingPlan(("bright", "loud"), (1,))
    batch = read(pool, window(videos[0], plan=plan))
    assert np.array_equal(batch.frames[0].numpy(), frames + 50)
    assert np.array_equal(batch.pcm[0].numpy(), pcm * 2)


def test_other_sound_is_that_of_the_other_window(
    videos: tuple[VideoRef, ...], pool: ShardPool
) -> None:
    _, expected = pool.read_rows(videos[1].shard, 7, 16)
    other = Window(1, videos[1].shard, 7)
    plan = ForgingPlan(("other",), (1,))
    batch = read(pool, replace(window(videos[0], plan=plan), other=other))
    assert np.array_equal(batch.pcm[0].numpy(), expected)


@pytest.mark.parametrize(
    ("row", "first", "stop"), [(20, 0, 66), (40, 10, 86), (74, 44, 90)]
)
def test_a_forger_hears_the_track_around_the_window(
    row: int,
    first: int,
    stop: int,
    videos: tuple[VideoRef, ...],
    pool: ShardPool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Footage] = []

    def listen(footage: Footage, _generator: np.random.Generator) -> Footage:
        heard.append(footage)
        return replace(footage, frames=footage.frames + np.uint8(50))

    spy = replace(BRIGHT, name="spy", change=listen)
    monkeypatch.setattr("avdf.model.forging.catalogue.FORGERS", (spy,))
    read(pool, window(videos[0], row=row, plan=ForgingPlan(("spy",), (1,))))
    around = pool.read_sound(videos[0].shard, first, stop - first)
    assert np.array_equal(heard[0].around, around)
    inside = heard[0].around[heard[0].begin :][: 16 * 640]
    assert np.array_equal(inside, heard[0].pcm)


def test_what_cannot_be_forged_is_said_with_its_place(
    videos: tuple[VideoRef, ...], pool: ShardPool
) -> None:
    plan = ForgingPlan(("other",), (1,))
    with pytest.raises(CannotForgeError, match="row 20: no other sound"):
        read(pool, window(videos[0], plan=plan))
    assert issubclass(CannotForgeError, SegmentError)


def test_a_forged_window_has_no_stored_log_mel(
    videos: tuple[VideoRef, ...], pool: ShardPool
) -> None:
    """The stored spectrogram is that of the genuine sound."""
    stored = window(videos[0], row=16, segment=1)
    assert read(pool, stored).log_mel is not None
    forged = replace(stored, plan=ForgingPlan(("loud",), (1,)))
    assert read(pool, forged).log_mel is None


@pytest.mark.parametrize(
    ("forgers", "possible"),
    [(("bright",), True), (("loud",), False), (("bright", "loud"), False)],
)
def test_of_a_pause_only_the_picture_is_forged(
    forgers: tuple[str, ...], possible: bool, pool: ShardPool, tmp_path: Path
) -> None:
    """A forgery of silence would be silence, with the label of a fake."""
    pcm = np.full(ROWS * 640, 9000, np.int16)
    pcm[20 * 640 : 36 * 640] = 20  # -64 dB
    folder = tmp_path / "pause"
    write_shard(folder, grey_video("v", [grey_track(ROWS, pcm=pcm)]))
    (video,) = list_shard_videos(folder)
    forged = window(video, plan=ForgingPlan(forgers, (1,)))
    if possible:
        assert read(pool, forged).frames.numpy().min() >= 50
    else:
        with pytest.raises(CannotForgeError, match="silent"):
            read(pool, forged)


@pytest.fixture
def _marking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Augmentations that add 1 to frames and samples."""

    def frames(one: UInt8Array, _generator: np.random.Generator) -> UInt8Array:
        return one + np.uint8(1)

    def sound(one: Pcm, _generator: np.random.Generator) -> Pcm:
        return one + np.int16(1)

    place = "avdf.model.training.changed_window"
    monkeypatch.setattr(f"{place}.augment_frames", frames)
    monkeypatch.setattr(f"{place}.augment_sound", sound)


@pytest.mark.usefixtures("_marking")
def test_genuine_and_forged_windows_are_augmented(
    videos: tuple[VideoRef, ...], pool: ShardPool
) -> None:
    frames, pcm = pool.read_rows(videos[0].shard, 20, 16)
    genuine = read(pool, window(videos[0], augmenting=(1, 2)))
    assert np.array_equal(genuine.frames[0].numpy(), frames + 1)
    assert np.array_equal(genuine.pcm[0].numpy(), pcm + 1)
    # The forgery first: a real forgery is damaged after it was made.
    plan = ForgingPlan(("loud",), (1,))
    forged = read(pool, window(videos[0], plan=plan, augmenting=(1, 2)))
    assert np.array_equal(forged.pcm[0].numpy(), 2 * pcm + 1)


@pytest.mark.usefixtures("_marking")
def test_what_a_track_does_not_have_is_not_augmented(
    videos: tuple[VideoRef, ...], pool: ShardPool
) -> None:
    frames, pcm = pool.read_rows(videos[0].shard, 20, 16)
    track = videos[0].tracks[0]
    both = window(videos[0], augmenting=(1,))
    silent = replace(both, within=replace(track, has_audio=False))
    unseen = replace(both, within=replace(track, has_picture=False))
    assert np.array_equal(read(pool, silent).pcm[0].numpy(), pcm)
    assert np.array_equal(read(pool, unseen).frames[0].numpy(), frames)


def test_real_augmentation_is_the_same_for_the_same_seeds(
    videos: tuple[VideoRef, ...], pool: ShardPool
) -> None:
    one = read(pool, window(videos[0], augmenting=(1, 2)))
    again = read(pool, window(videos[0], augmenting=(1, 2)))
    assert one.frames.equal(again.frames) and one.pcm.equal(again.pcm)
    others = [read(pool, window(videos[0], augmenting=(1, seed))) for seed in range(9)]
    assert any(not one.pcm.equal(other.pcm) for other in others)
    assert any(not one.frames.equal(other.frames) for other in others)
