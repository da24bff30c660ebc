"""Batches of segments: what they hold, in which order, and how far ahead they are read."""

import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from avdf.cache import PreparedVideo, Shard, ShardWriter, VideoInfo
from avdf.cache.core.errors import SegmentError
from avdf.cache.shards.codec import CodecName, FrameCodec
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.stream import batches
from avdf.cache.stream.batches import SegmentBatch, read_in_batches, stream_batches
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window, in_batches, scoring_windows
from tests.helpers.batches import make_batch
from tests.helpers.prepared import grey_track


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    write_noise_shards(folder, videos=7, rows=40, videos_per_shard=3)
    return folder


def test_filler_is_what_it_says(filled: Path) -> None:
    videos = list_shard_videos(filled)
    assert len(videos) == 7 and len({video.shard for video in videos}) == 3
    assert [video.info.label for video in videos] == [0, 1, 0, 1, 0, 1, 0]
    assert all(
        len(video.segments) == 2 and video.tracks[0].rows == 40 for video in videos
    )
    with Shard(videos[0].shard) as shard:
        # Bytes of a crop, as of real ones.
        assert 15_000 < np.diff(shard.offsets.astype(int)).mean() < 25_000


def test_the_stream_gives_what_the_reader_gives_in_order(filled: Path) -> None:
    windows = scoring_windows(list_shard_videos(filled))
    found = list(
        stream_batches(ShardPool(most_open=1), in_batches(windows, 4), threads=3)
    )
    assert [window for batch in found for window in batch.windows] == windows
    for batch in found:
        assert batch.log_mel is not None
        for index, window in enumerate(batch.windows):
            with Shard(window.shard) as shard:
                np.testing.assert_array_equal(
                    batch.frames[index].numpy(), shard.images(window.row)
                )
                np.testing.assert_array_equal(
                    batch.pcm[index].numpy(), shard.pcm(window.row)
                )
                np.testing.assert_array_equal(
                    batch.log_mel[index].numpy(), shard.log_mel(window.segment)
                )


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_no_further_ahead_than_asked_and_no_batch_is_kept(
    filled: Path,
    ahead: int,
) -> None:
    video = list_shard_videos(filled)[0]
    asked = 0

    def windows() -> Iterator[list[Window]]:
        nonlocal asked
        while True:
            asked += 1
            yield [Window(0, video.shard, row) for row in range(2)]

    stream = stream_batches(ShardPool(), windows(), threads=2, ahead=ahead)
    alive: list[weakref.ref[SegmentBatch]] = []
    for taken in range(1, 12):
        batch = next(stream)
        assert asked == taken + ahead
        alive.append(weakref.ref(batch))
        del batch
        gc.collect()
        assert not any(reference() for reference in alive)
    stream.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("codec", ["jpeg", "png", "raw"])
def test_codecs_decode_into_the_batch(codec: CodecName, tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    pictures = generator.integers(0, 256, (16, 224, 224, 3), np.uint8)
    encode = FrameCodec(codec).encode
    crops = [encode(picture) for picture in pictures]
    track = replace(grey_track(16), crops=crops)
    path = tmp_path / "shard-00000.h5"
    with ShardWriter(path, {}, codec) as writer:
        writer.add(PreparedVideo(VideoInfo("a", "a"), "", 0.64, 1, (track,), codec))
    (batch,) = stream_batches(ShardPool(), [[Window(0, path, 0)]])
    if codec == "jpeg":
        with Shard(path) as shard:
            np.testing.assert_array_equal(batch.frames[0].numpy(), shard.images(0))
    else:
        assert torch.equal(batch.frames[0], torch.from_numpy(pictures))


def test_windows_are_read_in_batches_of_a_size(filled: Path) -> None:
    windows = scoring_windows(list_shard_videos(filled))
    batches = list(read_in_batches(windows, batch_size=4, threads=1, ahead=2))
    read = [window for batch in batches for window in batch.windows]
    assert read == windows
    assert all(len(batch.windows) == 4 for batch in batches[:-1])


@pytest.fixture
def damaged(filled: Path, tmp_path: Path) -> Path:
    """A shard whose crop of row 5 is damaged."""
    path = tmp_path / "shard-00000.h5"
    path.write_bytes(list_shard_videos(filled)[0].shard.read_bytes())
    with h5py.File(path, "r+") as file:
        start = int(file["frames/offset"][5])
        file["frames/bytes"][start : start + 50] = 0
    return path


def test_an_error_names_the_damaged_crop(damaged: Path) -> None:
    with pytest.raises(SegmentError, match="crop of row 5 cannot be decoded"):
        list(stream_batches(ShardPool(), [[Window(0, damaged, 0)]]))


def test_another_window_can_replace_a_damaged_one(damaged: Path) -> None:
    asked: list[tuple[int, int]] = []

    def replace_window(window: Window, attempt: int, _: SegmentError) -> Window:
        asked.append((window.row, attempt))
        # The first replacement has the damaged row too, the second has not.
        return Window(0, damaged, 2 if attempt == 1 else 16)

    windows = [Window(0, damaged, 0), Window(0, damaged, 20)]
    (batch,) = stream_batches(ShardPool(), [windows], on_damage=replace_window)
    assert asked == [(0, 1), (0, 2)]
    assert [window.row for window in batch.windows] == [16, 20]
    with Shard(damaged) as shard:
        np.testing.assert_array_equal(batch.frames[0].numpy(), shard.images(16))


def test_a_damaged_window_can_be_left_out(damaged: Path) -> None:
    windows = [Window(0, damaged, 0), Window(0, damaged, 20)]
    (batch,) = stream_batches(ShardPool(), [windows], on_damage=lambda *_: None)
    assert [window.row for window in batch.windows] == [20]
    with Shard(damaged) as shard:
        np.testing.assert_array_equal(batch.frames[0].numpy(), shard.images(20))


def test_a_batch_without_any_window_left_is_left_out(damaged: Path) -> None:
    bad, good = [Window(0, damaged, 0)], [Window(0, damaged, 20)]
    (batch,) = stream_batches(ShardPool(), [bad, good], on_damage=lambda *_: None)
    assert [window.row for window in batch.windows] == [20]


def test_windows_with_and_without_stored_log_mel_give_a_batch_without(
    filled: Path,
) -> None:
    shard = list_shard_videos(filled)[0].shard
    (batch,) = stream_batches(
        ShardPool(), [[Window(0, shard, 0, segment=0), Window(0, shard, 3)]]
    )
    assert batch.log_mel is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "frames",
            torch.zeros(2, 15, 8, 8, 3, dtype=torch.uint8),
            "frames are .* for 2 windows",
        ),
        ("frames", torch.zeros(2, 16, 8, 8, 3), "frames are .* for 2 windows"),
        ("pcm", torch.zeros(2, 100), "pcm is "),
        ("log_mel", torch.zeros(2, 80, 63), "log_mel is "),
    ],
)
def test_the_arrays_of_a_batch_must_fit_its_windows(
    name: str,
    value: torch.Tensor,
    message: str,
) -> None:
    batch = make_batch(2)
    with pytest.raises(ValueError, match=message):
        replace(batch, **{name: value})  # type: ignore[arg-type]


def test_the_threads_are_this_processs_share_of_the_cores(
    filled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[int] = []

    def executor(max_workers: int, **options: Any) -> ThreadPoolExecutor:
        started.append(max_workers)
        return ThreadPoolExecutor(max_workers, **options)

    monkeypatch.setattr(batches, "ThreadPoolExecutor", executor)
    monkeypatch.setattr(batches, "threads_per_process", lambda: 3)
    windows = scoring_windows(list_shard_videos(filled))[:1]
    list(stream_batches(ShardPool(), [windows]))
    assert started == [3]
