"""Random windows of a folder, as training reads them."""

from itertools import islice
from pathlib import Path

from avdf.cache.stream.index import list_shard_videos
from avdf.model.bench.random_windows import random_batches


def test_each_video_comes_once_before_any_comes_again(folder: Path) -> None:
    videos = list_shard_videos(folder)
    batches = list(islice(random_batches(videos, 3, seed=1), 4))
    numbers = [window.video for batch in batches for window in batch]
    assert sorted(numbers[:6]) == sorted(numbers[6:]) == list(range(6))
    assert numbers[:6] != numbers[6:]


def test_every_window_lies_in_its_track(folder: Path) -> None:
    videos = list_shard_videos(folder)
    for batch in islice(random_batches(videos, 6, seed=2), 20):
        for window in batch:
            track = videos[window.video].tracks[0]
            assert track.row <= window.row <= track.end - 16
