"""How fast training is here: beside what the machine multiplies, beside the model written plainly, with and without
reading."""

import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.errors import SettingsError
from avdf.cache.machine.device import choose_device
from avdf.cache.stream.batches import SegmentBatch, stream_batches
from avdf.cache.stream.index import VideoRef, list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window
from avdf.model.backbones import RandomWeightsWarning
from avdf.model.backbones.info import DEMO, RANDOM
from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector
from avdf.model.inference.inputs import detector_input
from avdf.model.inference.precision import choose_precision
from avdf.model.runs.config import RunConfig
from avdf.model.training.step import train_step
from avdf.model.training.training_set import label_table

_MATRIX_REPEATS = 9
_TOKENS, _WIDTH = 57, 768  # of ViT-B/32 with its prompts, in the middle layer


@dataclass(frozen=True)
class TrainBench:
    """Medians of one run on one machine. Rates per second; a frame is one of the 16 of a segment.

    frames_per_second        training steps on streamed shards
    plain_frames_per_second  the same model in float32 through the libraries' own layers, batch in memory
    flops_per_second         multiplications and additions of a step that were done, by the time of a step in memory
    matmul_flops_per_second  a matrix product of the image encoder's size, in the type of the frozen weights
    input_ratio              time of a step on streamed shards by that of a step whose batch is in memory already
    peak_memory_bytes        of the process, or on the GPU, until before the plain model ran
    """

    device: str
    precision: str
    compiled: bool
    threads: int
    clip: str
    whisper: str
    batch_size: int
    steps: int
    segments_per_second: float
    frames_per_second: float
    plain_frames_per_second: float
    speedup: float
    flops_per_frame: float
    flops_per_second: float
    matmul_flops_per_second: float
    matmul_share: float
    input_ratio: float
    peak_memory_bytes: int
    weights: str


@dataclass(frozen=True)
class ScoreBench:
    """As `TrainBench`, for scoring: forward passes alone."""

    device: str
    precision: str
    threads: int
    clip: str
    whisper: str
    batch_size: int
    frames_per_second: float
    plain_frames_per_second: float
    speedup: float
    times_real_time: float
    flops_per_second: float
    matmul_flops_per_second: float
    matmul_share: float
    weights: str


def bench_train(
    shards: Path,
    config: RunConfig,
    steps: int,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> TrainBench:
    """Measure training steps over a folder of shards.

    Weights do not matter to speed: those that are not the demo's are random, so nothing is downloaded.

    Raises:
        SettingsError: fewer than 2 steps, or fewer videos than a batch.
    """
    if steps < 2:
        raise SettingsError(f"{steps} steps cannot be measured; use at least 2")
    bench = _Bench(shards, config, on_progress, 3 * steps + 3)
    step = bench.training(fast=True)
    batch = bench.read_one()
    flops = bench.count_flops(lambda: step(batch))
    rate = [bench.matrix_rate()]
    in_memory, streamed = [], []
    for share in (steps - steps // 2, steps // 2):  # by turns, so that a slow spell hits both
        in_memory += [bench.timed(lambda: step(batch)) for _ in range(share)]
        streamed += bench.timed_stream(step, share)
        rate.append(bench.matrix_rate())
    peak = _peak_memory(bench.device)
    plain_step = bench.training(fast=False)
    plain = [bench.timed(lambda: plain_step(batch)) for _ in range(steps + 1)][1:]
    size, seconds = config.data.batch_size, statistics.median(in_memory)
    frames = size * SEGMENT_FRAMES
    frames_per_second = frames / statistics.median(streamed)
    plain_rate, matrix = frames / statistics.median(plain), statistics.median(rate)
    return TrainBench(
        device=bench.device_name,
        precision=str(bench.dtype).removeprefix("torch."),
        compiled=config.training.compile,
        threads=torch.get_num_threads(),
        clip=config.model.clip,
        whisper=config.model.whisper,
        batch_size=size,
        steps=steps,
        segments_per_second=frames_per_second / SEGMENT_FRAMES,
        frames_per_second=frames_per_second,
        plain_frames_per_second=plain_rate,
        speedup=frames_per_second / plain_rate,
        flops_per_frame=flops / frames,
        flops_per_second=flops / seconds,
        matmul_flops_per_second=matrix,
        matmul_share=flops / seconds / matrix,
        input_ratio=statistics.median(streamed) / seconds,
        peak_memory_bytes=peak,
        weights=bench.weights,
    )


@torch.inference_mode()
def bench_score(
    shards: Path,
    config: RunConfig,
    steps: int,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> ScoreBench:
    """Measure scoring over a folder of shards. Raises as `bench_train`."""
    if steps < 2:
        raise SettingsError(f"{steps} steps cannot be measured; use at least 2")
    bench = _Bench(shards, config, on_progress, 2 * steps + 3)
    fast = bench.detector(fast=True).eval()

    def forward(detector: Detector, batch: SegmentBatch) -> None:
        detector(*detector_input(batch, bench.device, detector.mel_bins))

    batch = bench.read_one()
    flops = bench.count_flops(lambda: forward(fast, batch))
    rate = [bench.matrix_rate()]
    streamed = bench.timed_stream(lambda read: forward(fast, read), steps)
    rate.append(bench.matrix_rate())
    slow = bench.detector(fast=False).eval()
    plain = [bench.timed(lambda: forward(slow, batch)) for _ in range(steps + 1)][1:]
    size, seconds, matrix = (
        config.data.batch_size,
        statistics.median(streamed),
        statistics.median(rate),
    )
    frames = size * SEGMENT_FRAMES
    return ScoreBench(
        device=bench.device_name,
        precision=str(bench.dtype).removeprefix("torch."),
        threads=torch.get_num_threads(),
        clip=config.model.clip,
        whisper=config.model.whisper,
        batch_size=size,
        frames_per_second=frames / seconds,
        plain_frames_per_second=frames / statistics.median(plain),
        speedup=statistics.median(plain) / seconds,
        times_real_time=frames / seconds / 25,
        flops_per_second=flops / seconds,
        matmul_flops_per_second=matrix,
        matmul_share=flops / seconds / matrix,
        weights=bench.weights,
    )


def segment_rates(
    shards: Path,
    config: RunConfig,
    training: bool = True,
    steps: int = 3,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[float | None, float]:
    """Segments per second of training (None where that is not wanted) and of scoring here: to say what a plan costs.

    Each is a median of a few steps; `on_progress` gets (steps done, all steps). Raises as `bench_train`.
    """
    bench = _Bench(shards, config, on_progress, 2 * steps if training else steps)
    on_progress(0, 2 * steps if training else steps)
    size = config.data.batch_size
    train = None
    if training:
        train = size / statistics.median(bench.timed_stream(bench.training(fast=True), steps))
    detector = bench.detector(fast=True).eval()

    def forward(batch: SegmentBatch) -> None:
        with torch.inference_mode():
            detector(*detector_input(batch, bench.device, detector.mel_bins))

    return train, size / statistics.median(bench.timed_stream(forward, steps))


class _Bench:
    """What both measurements share: device, model, windows, clocks."""

    def __init__(
        self, shards: Path, config: RunConfig, on_progress: Callable[[int, int], None], events: int
    ) -> None:
        self.config = config
        self.device = choose_device(config.training.device)
        self.dtype = choose_precision(config.training.precision, self.device)
        self.videos: Sequence[VideoRef] = list_shard_videos(shards)
        if len(self.videos) < config.data.batch_size:
            raise SettingsError(
                f"{shards}: {len(self.videos)} videos, fewer than a batch of {config.data.batch_size}; "
                "use --set data.batch_size"
            )
        self.labels = torch.from_numpy(label_table(self.videos)).long().to(self.device)
        self._tell, self._events, self._done = on_progress, events, 0

    @property
    def device_name(self) -> str:
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "cpu"

    @property
    def model(self) -> DetectorConfig:
        model = self.config.model
        return replace(
            model,
            clip_weights=DEMO if model.clip_weights == DEMO else RANDOM,
            whisper_weights=DEMO if model.whisper_weights == DEMO else RANDOM,
        )

    @property
    def weights(self) -> str:
        return f"clip {self.model.clip_weights}, whisper {self.model.whisper_weights}"

    def detector(self, fast: bool) -> Detector:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RandomWeightsWarning)  # nothing is scored here
            detector = Detector(self.model).to(self.device)
        if fast:
            detector.hold_frozen(self.dtype, self.config.training.compile)
        return detector.train()

    def training(self, fast: bool) -> Callable[[SegmentBatch], None]:
        """A training step of a fresh detector."""
        detector = self.detector(fast)
        optimiser = torch.optim.Adam(detector.trainable_state().values())

        def step(batch: SegmentBatch) -> None:
            labels = self.labels[[window.video for window in batch.windows]]
            inputs = detector_input(batch, self.device, detector.mel_bins)
            train_step(detector, optimiser, inputs, labels, self.config.losses)

        return step

    def windows(self) -> Iterator[list[Window]]:
        """Batches for ever: a window of each video in turn, fakes beside reals as they lie."""
        starts = cycle(
            Window(index, video.shard, track.row)
            for index, video in enumerate(self.videos)
            for track in video.tracks[:1]
        )
        while True:
            yield [next(starts) for _ in range(self.config.data.batch_size)]

    def read_one(self) -> SegmentBatch:
        pool = ShardPool()
        try:
            return next(iter(stream_batches(pool, [next(self.windows())])))
        finally:
            pool.close()

    def timed(self, work: Callable[[], None]) -> float:
        """Seconds, with all work on the device done."""
        self._wait()
        started = time.perf_counter()
        work()
        self._wait()
        seconds = time.perf_counter() - started
        self._done += 1
        self._tell(min(self._done, self._events), self._events)
        return seconds

    def timed_stream(self, work: Callable[[SegmentBatch], None], steps: int) -> list[float]:
        """Seconds of steps with the wait for their batches, once the batches read ahead are used up."""
        pool, data = ShardPool(), self.config.data
        stream = stream_batches(
            pool, self.windows(), data.threads, data.ahead, pinned=self.device.type == "cuda"
        )
        try:
            work(next(stream))
            return [self.timed(lambda: work(next(stream))) for _ in range(steps)]
        finally:
            stream.close()  # type: ignore[attr-defined]
            pool.close()

    def count_flops(self, work: Callable[[], None]) -> int:
        """Multiplications and additions of matrix products; the work is done once before, to warm up."""
        self.timed(work)
        with FlopCounterMode(display=False) as counter:
            self.timed(work)
        return int(counter.get_total_flops())

    def matrix_rate(self) -> float:
        """Operations per second of a product of the size of CLIP's largest: tokens of a batch x 768 x 3072."""
        tokens = self.config.data.batch_size * SEGMENT_FRAMES * _TOKENS
        x = torch.randn(tokens, _WIDTH, device=self.device, dtype=self.dtype)
        weight = torch.randn(4 * _WIDTH, _WIDTH, device=self.device, dtype=self.dtype)
        F.linear(x, weight)
        seconds = []
        for _ in range(_MATRIX_REPEATS):
            self._wait()
            started = time.perf_counter()
            F.linear(x, weight)
            self._wait()
            seconds.append(time.perf_counter() - started)
        return 2.0 * x.numel() * 4 * _WIDTH / statistics.median(seconds)

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def _peak_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux counts in kB
