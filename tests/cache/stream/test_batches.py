"""The stream of segments: what it reads, in which order, how far ahead, and with how much memory."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache import PreparedVideo, Shard, ShardError, ShardWriter, Track, VideoInfo
from avdf.cache.shards.codec import CodecName, FrameCodec
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.stream.batches import SegmentBatch, stream_batches
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window, in_batches, scoring_windows


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    write_noise_shards(folder, videos=7, rows=40, videos_per_shard=3)
    return folder


def test_filler_is_what_it_says(filled: Path) -> None:
    videos = list_shard_videos(filled)
    assert len(videos) == 7 and len({video.shard for video in videos}) == 3
    assert [video.info.label for video in videos] == [0, 1, 0, 1, 0, 1, 0]
    assert all(len(video.segments) == 2 and video.tracks[0].rows == 40 for video in videos)
    with Shard(videos[0].shard) as shard:
        assert 15_000 < np.diff(shard.offsets.astype(int)).mean() < 25_000  # as real crops


def test_the_stream_gives_what_the_reader_gives_in_order(filled: Path) -> None:
    windows = scoring_windows(list_shard_videos(filled))
    batches = list(stream_batches(ShardPool(most_open=1), in_batches(windows, 4), threads=3))
    assert [window for batch in batches for window in batch.windows] == windows
    for batch in batches:
        assert batch.log_mel is not None
        for index, window in enumerate(batch.windows):
            with Shard(window.shard) as shard:
                np.testing.assert_array_equal(batch.frames[index].numpy(), shard.images(window.row))
                np.testing.assert_array_equal(batch.pcm[index].numpy(), shard.pcm(window.row))
                np.testing.assert_array_equal(
                    batch.log_mel[index].numpy(), shard.log_mel(window.segment)
                )


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_no_further_ahead_than_asked_and_no_batch_is_kept(filled: Path, ahead: int) -> None:
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
    track = Track(
        0.0, tuple(encode(picture) for picture in pictures), np.zeros((16, 4), np.float32), np.ones(16, np.float32),
        np.zeros(10240, np.int16), np.zeros((1, 80, 64), np.float16),
    )  # fmt: skip
    path = tmp_path / "shard-00000.h5"
    with ShardWriter(path, {}, codec) as writer:
        writer.add(PreparedVideo(VideoInfo("a", "a"), "", 0.64, 1, (track,), codec))
    (batch,) = stream_batches(ShardPool(), [[Window(0, path, 0)]])
    if codec == "jpeg":
        with Shard(path) as shard:
            np.testing.assert_array_equal(batch.frames[0].numpy(), shard.images(0))
    else:
        assert torch.equal(batch.frames[0], torch.from_numpy(pictures))


def test_a_damaged_crop_and_crops_of_another_size_are_named(filled: Path, tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "shard-00000.h5"
    path.write_bytes(list_shard_videos(filled)[0].shard.read_bytes())
    with h5py.File(path, "r+") as file:
        start = int(file["frames/offset"][5])
        file["frames/bytes"][start : start + 50] = 0
    pool = ShardPool()
    with pytest.raises(ShardError, match="crop of row 5 cannot be decoded"):
        list(stream_batches(pool, [[Window(0, path, 0)]]))
    pool.close()
    with h5py.File(path, "r+") as file:
        file.attrs["frame_size"] = 112
    with pytest.raises(ShardError, match="crops of 112 px"):
        list(stream_batches(ShardPool(), [[Window(0, path, 0)]]))
