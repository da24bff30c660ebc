"""What is read of a window can be changed by the thread that reads it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.batches import SegmentBatch, stream_batches
from avdf.cache.stream.shard_pool import SegmentAudio, ShardPool
from avdf.cache.stream.windows import Window
from tests.helpers.prepared import grey_track, grey_video, write_shard


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    pcm = np.arange(48 * 640, dtype=np.int16)
    return write_shard(tmp_path, grey_video("a", [grey_track(48, pcm=pcm)]))


@pytest.fixture
def pool() -> Iterator[ShardPool]:
    with closing(ShardPool()) as found:
        yield found


def darker(
    _pool: ShardPool, window: Window, frames: UInt8Array, audio: SegmentAudio
) -> SegmentAudio:
    """Frames become black, and each sample the first row of the window."""
    frames[:] = 0
    return SegmentAudio(np.full_like(audio.pcm, window.row), None)


def test_frames_change_in_place_and_audio_is_replaced(
    shard: Path, pool: ShardPool
) -> None:
    windows = [Window(0, shard, 3), Window(0, shard, 20)]
    (batch,) = stream_batches(pool, [windows], on_read=darker)
    assert not batch.frames.any()
    assert set(batch.pcm[0].tolist()) == {3}
    assert set(batch.pcm[1].tolist()) == {20}


def test_without_a_change_windows_are_as_they_are_stored(
    shard: Path, pool: ShardPool
) -> None:
    (batch,) = stream_batches(pool, [[Window(0, shard, 3)]])
    stored = np.arange(3 * 640, 19 * 640, dtype=np.int16)
    assert np.array_equal(batch.pcm[0].numpy(), stored)


def test_a_window_in_place_of_a_damaged_one_is_changed_too(
    shard: Path, pool: ShardPool
) -> None:
    def refuse_the_first(
        pool: ShardPool, window: Window, frames: UInt8Array, audio: SegmentAudio
    ) -> SegmentAudio:
        if window.row == 3:
            raise SegmentError("this one cannot be changed")
        return darker(pool, window, frames, audio)

    def another(_window: Window, _attempt: int, _error: SegmentError) -> Window:
        return Window(0, shard, 7)

    batches: list[SegmentBatch] = list(
        stream_batches(
            pool,
            [[Window(0, shard, 3)]],
            on_damage=another,
            on_read=refuse_the_first,
        )
    )
    assert batches[0].windows == (Window(0, shard, 7),)
    assert set(batches[0].pcm[0].tolist()) == {7}
    assert not batches[0].frames.any()


def test_sound_alone_is_the_sound_of_the_rows(shard: Path, pool: ShardPool) -> None:
    _, pcm = pool.read_rows(shard, 5, 30)
    assert np.array_equal(pool.read_sound(shard, 5, 30), pcm)


def test_sound_after_the_last_row_is_refused(shard: Path, pool: ShardPool) -> None:
    with pytest.raises(SegmentError):
        pool.read_sound(shard, 40, 30)
