"""Shards at a URL: on a real S3 server on this machine, through a cache of bounded size."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avdf.cache import Shard, ShardError
from avdf.cache.core.errors import SettingsError
from avdf.cache.shards.mirror import read_mirror, shard_folder
from avdf.cache.stream.batches import stream_batches
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import in_batches, scoring_windows
from avdf.model.runs.log import read_log
from tests.helpers.command import DEMO_MODEL

pytestmark = pytest.mark.filterwarnings("default")  # boto's own


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(
    server: str,
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The URL of the synthetic shards in a bucket; boto reads its settings from the environment."""
    import s3fs

    environment = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_ENDPOINT_URL": server,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AVDF_CACHE": str(tmp_path / "cache"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem(endpoint_url=server)
    name = f"bucket-{tmp_path.name.replace('_', '-').lower()}"
    system.mkdir(name)
    for path in (*shards.glob("shard-*.h5"), shards / "videos.csv"):
        system.put_file(str(path), f"{name}/prepared/{path.name}")
    return f"s3://{name}/prepared"


def held(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("shard-*.h5"))


def test_what_is_there_is_known_without_bringing_it(bucket: str, shards: Path) -> None:
    folder = shard_folder(bucket)
    videos, local = list_shard_videos(folder), list_shard_videos(shards)
    assert held(folder) == []
    assert [video.info for video in videos] == [video.info for video in local]
    assert [(video.tracks, video.segments) for video in videos] == [
        (v.tracks, v.segments) for v in local
    ]
    assert list_shard_videos(folder) == videos  # now from the index that was kept
    assert len(list(folder.glob("*.index.json"))) == 4


def test_the_stream_is_that_of_the_local_shards_in_bounded_room(
    bucket: str,
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = [path.stat().st_size for path in sorted(shards.glob("shard-*.h5"))]
    monkeypatch.setenv("AVDF_CACHE_GB", str(2.2 * max(sizes) / 1e9))
    folder = shard_folder(bucket)
    windows = scoring_windows(list_shard_videos(folder))
    most = 0
    ours = stream_batches(ShardPool(most_open=1), in_batches(windows, 4))
    theirs = stream_batches(
        ShardPool(), in_batches(scoring_windows(list_shard_videos(shards)), 4)
    )
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.frames.numpy(), other.frames.numpy())
        np.testing.assert_array_equal(one.pcm.numpy(), other.pcm.numpy())
        most = max(most, sum(path.stat().st_size for path in folder.glob("shard-*.h5")))
    assert 0 < most <= 2.2 * max(sizes) and len(held(folder)) < len(sizes)
    first = windows[0].shard
    with Shard(first) as shard:  # brought again
        assert shard.videos[0] == list_shard_videos(shards)[0].info


def test_a_changed_shard_is_brought_anew(
    bucket: str,
    shards: Path,
    server: str,
) -> None:
    import s3fs

    folder = shard_folder(bucket)
    first, second = sorted(shards.glob("shard-*.h5"))[:2]
    for name in ("shard-00000.h5", "shard-00001.h5"):
        with Shard(folder / name):
            pass
    before = list_shard_videos(folder)
    there = s3fs.S3FileSystem(endpoint_url=server)
    # The shards are exchanged, so that a video stays in one shard only.
    for source, name in ((second, first.name), (first, second.name)):
        there.put_file(str(source), f"{bucket.removeprefix('s3://')}/{name}")
    s3fs.S3FileSystem.clear_instance_cache()
    assert shard_folder(bucket) == folder and held(folder) == []
    after = list_shard_videos(folder)
    assert after[0].info == before[5].info != before[0].info


def test_train_score_verify_and_info_take_a_url(
    bucket: str,
    run: Path,
    tmp_path: Path,
) -> None:
    def avdf(*words: object) -> str:
        command = [
            sys.executable,
            "-m",
            "avdf.cli.main",
            *(str(word) for word in words),
        ]
        return subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            env=os.environ,
        ).stdout

    assert "best checkpoint" in avdf(
        "train", bucket, "--out", tmp_path / "run", *DEMO_MODEL
    )
    assert len(read_log(tmp_path / "run" / "log.jsonl")) == 3
    assert "6 of 6 videos scored" in avdf(
        "score", run, bucket, "--out", tmp_path / "scores"
    )
    assert "4 shards, 0 problems" in avdf("verify", bucket)
    assert "18 videos in 4 shards" in avdf("info", bucket)


def test_other_places_and_what_cannot_be_reached(
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AVDF_CACHE", str(tmp_path / "cache"))
    assert shard_folder(str(shards)) == shards and read_mirror(shards) is None
    folder = shard_folder(f"file://{shards}")  # any storage that fsspec knows
    assert len(list_shard_videos(folder)) == 18
    for place, message in (
        (f"file://{tmp_path}", "no shards"),
        ("nosuch://place", "cannot be read|install the package"),
        ("http://127.0.0.1:9/x", "cannot be read|no shards"),
    ):
        with pytest.raises(ShardError, match=message) as caught:
            shard_folder(place)
        assert "\n" not in str(caught.value)
    monkeypatch.setenv("AVDF_CACHE_GB", "lots")
    with pytest.raises(SettingsError, match="number of gigabytes"):
        shard_folder(f"file://{shards}")
