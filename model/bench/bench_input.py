"""How fast shards are read in random order: beside decoding alone, and beside the plain way."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.log_mel import log_mel
from avdf.cache.machine.cores import threads_per_process
from avdf.cache.machine.one_core import computing_on_one_core
from avdf.cache.shards.reader import Shard
from avdf.cache.stream.batches import stream_batches
from avdf.cache.stream.index import VideoRef, list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window
from avdf.model.bench.plain_input import decode_all, plain_segment
from avdf.model.bench.random_windows import random_batches
from avdf.model.bench.stopwatch import OnProgress, ignore_progress


@dataclass(frozen=True)
class InputBench:
    """Rates of reading on one machine, medians of the laps.

    Only crops of JPEG are measured, since decoding them is the bound.

    shards           that are read, each batch from others
    videos           in the shards
    index_seconds    listing and checking all shards
    open_seconds     the first read of each shard after that
    segments_per_second           ours: frames, samples and log-mel of a batch, by the clock
    segments_per_second_per_core  the same, by the cores of this process
    segments_per_cpu_second       the same, by the time in which a core worked for this process: it
                                  stays right on a machine that others use too
    decode_...       of decoding the same frames from memory with the same threads, and no more
    plain_...        of h5py, simplejpeg and Whisper's log-mel, one segment after another
    share_of_decode  ours by decoding, both by CPU second
    times_plain      ours by the plain way, both by CPU second
    """

    cores: int
    batch_size: int
    laps: int
    shards: int
    videos: int
    index_seconds: float
    open_seconds: float
    segments_per_second: float
    segments_per_second_per_core: float
    segments_per_cpu_second: float
    decode_segments_per_second: float
    decode_segments_per_second_per_core: float
    decode_segments_per_cpu_second: float
    plain_segments_per_second: float
    plain_segments_per_cpu_second: float
    share_of_decode: float
    times_plain: float


@dataclass(frozen=True)
class _Rate:
    """Segments per second by the clock, and by the time of the cores."""

    clock: float
    cpu: float


def bench_input(
    shards: Path,
    batch_size: int,
    laps: int,
    batches: int,
    on_progress: OnProgress = ignore_progress,
) -> InputBench:
    """Measure reading windows at random places of a folder of shards.

    Args:
        batches: of each lap.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: there are fewer videos than a batch holds, or crops that are not JPEG.
    """
    started = time.perf_counter()
    videos = list_shard_videos(shards)
    index_seconds = time.perf_counter() - started
    if len(videos) < batch_size:
        raise SettingsError(
            f"{shards}: {len(videos)} videos, fewer than a batch of {batch_size}; "
            "use a smaller batch"
        )
    _check_codec(videos[0])
    cores = threads_per_process()
    # The threads that read take every core already. In training, log-mel is computed by the device,
    # between the same threads.
    with computing_on_one_core(), closing(ShardPool()) as pool:
        open_seconds = _open_all(pool, videos)
        windows = random_batches(videos, batch_size, seed=0)
        rates: list[Sequence[_Rate]] = []
        for lap in range(laps):
            on_progress(lap, laps)
            rates.append(_lap(pool, list(islice(windows, batches)), cores))
    on_progress(laps, laps)
    ours, decoding, plain = (_median(kind) for kind in zip(*rates, strict=True))
    return InputBench(
        cores=cores,
        batch_size=batch_size,
        laps=laps,
        shards=len({video.shard for video in videos}),
        videos=len(videos),
        index_seconds=index_seconds,
        open_seconds=open_seconds,
        segments_per_second=ours.clock,
        segments_per_second_per_core=ours.clock / cores,
        segments_per_cpu_second=ours.cpu,
        decode_segments_per_second=decoding.clock,
        decode_segments_per_second_per_core=decoding.clock / cores,
        decode_segments_per_cpu_second=decoding.cpu,
        plain_segments_per_second=plain.clock,
        plain_segments_per_cpu_second=plain.cpu,
        share_of_decode=ours.cpu / decoding.cpu,
        times_plain=ours.cpu / plain.cpu,
    )


def _open_all(pool: ShardPool, videos: Sequence[VideoRef]) -> float:
    """Seconds of the first read of each shard; training pays for it once, not in each epoch."""
    first_rows = {video.shard: video.tracks[0].row for video in videos}
    started = time.perf_counter()
    for path, row in first_rows.items():
        pool.read_rows(path, row, 1)
    return time.perf_counter() - started


def _lap(
    pool: ShardPool, batches: Sequence[Sequence[Window]], threads: int
) -> tuple[_Rate, _Rate, _Rate]:
    """Ours, decoding alone, and the plain way: the same windows one after another."""
    windows = [window for batch in batches for window in batch]

    def stream() -> None:
        for batch in stream_batches(pool, batches, threads):
            log_mel(batch.pcm)

    def read_plainly() -> None:
        for window in windows:
            plain_segment(window)

    ours = _rate(stream, len(windows))
    segments = [_encoded_crops(window) for window in windows]
    decoding = _rate(lambda: decode_all(segments, threads), len(windows))
    return ours, decoding, _rate(read_plainly, len(windows))


def _encoded_crops(window: Window) -> list[UInt8Array]:
    with Shard(window.shard) as shard:
        return shard.crops(window.row)


def _check_codec(video: VideoRef) -> None:
    with Shard(video.shard) as shard:
        if shard.codec != "jpeg":
            raise SettingsError(
                f"{video.shard}: crops are {shard.codec}; measure shards with JPEG crops"
            )


def _rate(work: Callable[[], None], segments: int) -> _Rate:
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return _Rate(
        segments / (time.perf_counter() - clock),
        segments / (time.process_time() - cpu),
    )


def _median(rates: Sequence[_Rate]) -> _Rate:
    return _Rate(
        statistics.median(rate.clock for rate in rates),
        statistics.median(rate.cpu for rate in rates),
    )
