"""What the benchmarks run: a detector on this machine, and batches of a folder of shards."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch

from avdf.cache.core.errors import SettingsError
from avdf.cache.machine.device import choose_device
from avdf.cache.stream.batches import SegmentBatch, stream_batches
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window
from avdf.model.backbones import RandomWeightsWarning
from avdf.model.backbones.info import DEMO, RANDOM
from avdf.model.bench.random_windows import random_batches
from avdf.model.bench.stopwatch import Stopwatch
from avdf.model.detector import Detector
from avdf.model.inference.inputs import detector_input
from avdf.model.inference.precision import choose_precision
from avdf.model.runs.config import RunConfig
from avdf.model.training.device_copy import Labelled, labelled_batches
from avdf.model.training.loss_reader import LossReader
from avdf.model.training.step import build_optimiser, train_step
from avdf.model.training.training_set import label_table

Work = Callable[[Labelled], None]


class Workload:
    """Training steps and forward passes over the shards in a folder.

    The weights have no influence on the speed. Those other than the demo's are random, so that
    nothing has to be downloaded.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: there are fewer videos than a batch holds, or the device is not there.
    """

    def __init__(self, shards: Path, config: RunConfig) -> None:
        self.config = config
        self.device = choose_device(config.training.device)
        self.dtype = choose_precision(config.training.precision, self.device)
        self.model = replace(
            config.model,
            clip_weights=_local_weights(config.model.clip_weights),
            whisper_weights=_local_weights(config.model.whisper_weights),
        )
        self._videos = list_shard_videos(shards)
        if len(self._videos) < config.data.batch_size:
            raise SettingsError(
                f"{shards}: {len(self._videos)} videos, fewer than a batch of "
                f"{config.data.batch_size}; set data.batch_size"
            )
        self._labels = torch.from_numpy(label_table(self._videos)).long()

    @property
    def device_name(self) -> str:
        """`cpu`, or the name of the GPU."""
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return "cpu"

    @property
    def precision(self) -> str:
        """The type of the frozen weights, e.g. `bfloat16`."""
        return str(self.dtype).removeprefix("torch.")

    @property
    def weights(self) -> str:
        """Which weights were measured with, in words."""
        return f"clip {self.model.clip_weights}, whisper {self.model.whisper_weights}"

    def detector(self, fast: bool) -> Detector:
        """A new detector.

        Args:
            fast: as avdf runs it; otherwise in float32 through the libraries' own layers.
        """
        # Nothing is scored here, so random weights need no warning.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RandomWeightsWarning)
            detector = Detector(self.model).to(self.device)
        if fast:
            detector.hold_frozen(self.dtype, self.config.training.compile)
        return detector.train()

    def training_step(self, fast: bool) -> Work:
        """Trains a new detector on a batch."""
        detector = self.detector(fast)
        parameters = detector.trainable_state().values()
        optimiser = build_optimiser(parameters, self.config.training, self.device)
        return self._step(detector, optimiser)

    def gpu_step(self) -> Work:
        """A training step with the optimiser that a GPU gets, on whichever device this is."""
        detector = self.detector(fast=True)
        parameters = detector.trainable_state().values()
        return self._step(detector, torch.optim.Adam(parameters, fused=True))

    def _step(self, detector: Detector, optimiser: torch.optim.Optimizer) -> Work:
        def step(labelled: Labelled) -> None:
            batch, labels = labelled
            inputs = detector_input(batch, self.device, detector.mel_bins)
            losses = train_step(detector, optimiser, inputs, labels, self.config.losses)
            # As training does; the values are read one step later.
            LossReader(losses)

        return step

    def forward_pass(self, fast: bool) -> Work:
        """Sends a batch through a new detector, without gradients."""
        detector = self.detector(fast).eval()

        def forward(labelled: Labelled) -> None:
            batch, _ = labelled
            with torch.inference_mode():
                detector(*detector_input(batch, self.device, detector.mel_bins))

        return forward

    def read_batch(self) -> Labelled:
        """The first batch with its labels, on the device."""
        with closing(ShardPool()) as pool:
            batches = stream_batches(pool, [next(self._windows())])
            return next(labelled_batches(batches, self._labels_of, self.device))

    def time_stream(
        self,
        work: Work,
        steps: int,
        stopwatch: Stopwatch,
    ) -> list[float]:
        """Seconds of each of some steps, with the time that each waits for its batch.

        The first batch is not timed: it is there only once the threads have begun to read.
        """
        data, pinned = self.config.data, self.device.type == "cuda"
        with closing(ShardPool()) as pool:
            # Read as training reads, with the same threads and as far ahead: the wait for a batch
            # is part of what is measured.
            read = stream_batches(
                pool,
                self._windows(),
                data.threads,
                data.ahead,
                pinned,
            )
            batches = labelled_batches(read, self._labels_of, self.device)
            with closing(read), closing(batches):  # type: ignore[type-var]  # a generator, which can be closed
                work(next(batches))
                return [
                    stopwatch.time(lambda: work(next(batches))) for _ in range(steps)
                ]

    def _labels_of(self, batch: SegmentBatch) -> torch.Tensor:
        return self._labels[[window.video for window in batch.windows]]

    def _windows(self) -> Iterator[list[Window]]:
        """Endless batches, one window per video, in random order: real and fake ones are mixed."""
        return random_batches(self._videos, self.config.data.batch_size, seed=0)


def _local_weights(name: str) -> str:
    """The demo's weights where they are asked for, random ones in place of all others."""
    return DEMO if name == DEMO else RANDOM
