"""Writing shards."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache import PreparedVideo, ShardWriter, VideoInfo
from avdf.cache.shards import writer as writer_module
from avdf.cache.shards.schema import COLUMNS, VIDEO_TEXTS, shard_name
from avdf.cache.stream.index import list_shard_videos
from tests.helpers.prepared import grey_track, grey_video, write_shard


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    first, second = (
        write_shard(tmp_path / name, grey_video("a")) for name in ("one", "two")
    )
    assert first.read_bytes() == second.read_bytes()


def test_a_shard_is_complete_or_absent(tmp_path: Path) -> None:
    writer = ShardWriter(tmp_path / shard_name(0), {})
    with pytest.raises(RuntimeError, match="stop"), writer:
        writer.add(grey_video("a"))
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_all_that_is_known_of_a_video_is_kept(tmp_path: Path) -> None:
    info = VideoInfo(
        "a",
        "/a",
        targets="id1 id2",
        synthetic=True,
        identity="id0",
        method="m",
    )
    video = PreparedVideo(info, "ab" * 32, 3.2, 1, (grey_track(16),), offset=0.25)
    write_shard(tmp_path, video)
    (stored,) = list_shard_videos(tmp_path)
    assert stored.info == info
    assert stored.offset == 0.25


def test_a_track_without_audio_stays_without(tmp_path: Path) -> None:
    write_shard(tmp_path, grey_video("a", [grey_track(16, has_audio=False)]))
    (stored,) = list_shard_videos(tmp_path)
    assert not stored.has_audio


def test_crops_of_another_size_are_refused(tmp_path: Path) -> None:
    video = replace(grey_video("a"), frame_size=112)
    message = "a: crops are jpeg of 112 px, the shard holds jpeg of 224 px"
    with pytest.raises(ValueError, match=message):
        write_shard(tmp_path, video)


def test_what_is_pending_is_written_once_it_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = [grey_video(name, [grey_track(40)]) for name in ("a", "b", "c")]
    at_the_end = write_shard(tmp_path / "one", *videos)
    monkeypatch.setattr(writer_module, "_PENDING_BYTES", 1)
    at_once = write_shard(tmp_path / "two", *videos)
    with h5py.File(at_the_end) as one, h5py.File(at_once) as two:
        for name in (*COLUMNS, *(f"videos/{text}" for text in VIDEO_TEXTS)):
            np.testing.assert_array_equal(one[name], two[name])
