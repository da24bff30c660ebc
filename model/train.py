"""Training: the paper's schedule over streamed shards, validated after each epoch."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.clock import FRAME_RATE
from avdf.cache.durable import remove_partials, write_text
from avdf.cache.errors import RunError, SettingsError
from avdf.cache.order import epoch_batches, window_start
from avdf.cache.split import splits_of
from avdf.cache.stream import (
    SegmentBatch,
    ShardPool,
    VideoRef,
    Window,
    in_batches,
    list_shard_videos,
    scoring_windows,
    stream_batches,
)
from avdf.model.checkpoint import CheckpointInfo, load_trainable, read_checkpoint_info, save_checkpoint
from avdf.model.compute import choose_device, choose_precision, detector_input
from avdf.model.curves import draw_curves, read_curves
from avdf.model.detector import Detector
from avdf.model.losses import Losses, LossSettings, detector_losses
from avdf.model.metrics import Thresholds, auc, best_threshold
from avdf.model.predict import VERDICTS, average_videos, score_segments
from avdf.model.run import LineSink, LineWriter, RunFolder
from avdf.model.settings import RunConfig
from avdf.model.tensorboard import TensorBoard, require_tensorboard

Labels = npt.NDArray[np.int8]


@dataclass(frozen=True)
class TrainingSet:
    """The videos of training and validation, with how the splits came about."""

    train: tuple[VideoRef, ...]
    val: tuple[VideoRef, ...]
    given_splits: bool

    @property
    def labels(self) -> Labels:
        """(videos, 3) label, label_visual, label_audio of the training videos."""
        return label_table(self.train)


@dataclass(frozen=True)
class TrainProgress:
    """Told after each step, and after each validation."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    segments_per_second: float
    validation: dict[str, float | None]


@dataclass(frozen=True)
class TrainResult:
    """What a run came to: its best checkpoint's validation."""

    folder: Path
    epoch: int
    thresholds: Thresholds
    validation: dict[str, float | None]
    data: TrainingSet


def label_table(videos: Sequence[VideoRef]) -> Labels:
    """(videos, 3) label, label_visual, label_audio."""
    rows = [(video.info.label, video.info.label_visual, video.info.label_audio) for video in videos]
    return np.array(rows, np.int8).reshape(len(rows), 3)


def load_training_set(shards: Path, config: RunConfig) -> TrainingSet:
    """The shards' training and validation videos.

    Raises:
        ShardError, SettingsError: unreadable, or nothing to train on.
    """
    videos = list_shard_videos(shards)
    splits, given = splits_of([video.info for video in videos], config.data.split_seed)
    of_split = {
        name: tuple(video for video, split in zip(videos, splits, strict=True) if split == name)
        for name in ("train", "val")
    }
    if not of_split["train"]:
        raise SettingsError(f"{shards}: no video of split `train` among {len(videos)}; see `avdf info {shards}`")
    return TrainingSet(**of_split, given_splits=given)


def train(
    shards: Path,
    out: Path,
    config: RunConfig,
    *,
    resume: bool = False,
    tensorboard: bool = False,
    on_progress: Callable[[TrainProgress], None] = lambda _: None,
) -> TrainResult:
    """Train a detector on a folder of shards and keep it in the run folder `out`.

    Args:
        tensorboard: write events to `out`/tensorboard as well.

    Raises:
        RunError: `out` holds a run already, or a loss is not finite.
        ShardError, SettingsError, WeightsError: the input cannot be used.
    """
    if tensorboard:
        require_tensorboard()
    folder = RunFolder(out)
    if resume:
        config = folder.read_config()
    data = load_training_set(shards, config)
    _epoch_order(data, config, 1)  # refuse before loading weights
    run = _Run(folder, config, data)
    if resume:
        run.restore()
    else:
        folder.create(config)
    boards = [TensorBoard(folder.tensorboard, run.step)] if tensorboard else []
    return run.go(on_progress, boards)


def _epoch_order(data: TrainingSet, config: RunConfig, epoch: int) -> npt.NDArray[np.int64]:
    identities = [video.info.identity for video in data.train]
    return epoch_batches(
        data.labels, config.data.batch_size, config.data.sampling, config.training.seed, epoch, identities=identities
    )


class _Run:
    """The state of one training run."""

    def __init__(self, folder: RunFolder, config: RunConfig, data: TrainingSet) -> None:
        self.folder, self.config, self.data = folder, config, data
        self.device = choose_device(config.training.device)
        self.detector = Detector(config.model).to(self.device)
        self.detector.hold_frozen(choose_precision(config.training.precision, self.device), config.training.compile)
        self.optimiser = torch.optim.Adam(self.detector.trainable_state().values(), lr=config.training.learning_rate)
        self.epoch, self.step = 1, 0  # the epoch at work, the steps taken
        self.best: CheckpointInfo | None = None
        self.pool = ShardPool()

    def restore(self) -> None:
        """Go on from the last checkpoint, or from the start where there is none yet."""
        remove_partials(self.folder.path)
        if not self.folder.last.with_suffix(".safetensors").exists():
            self.folder.forget_after(0)
            return
        info = read_checkpoint_info(self.folder.last)
        load_trainable(self.folder.last, self.detector, info, self.optimiser)
        self.step = info.step
        self.epoch = self.step // self.steps_per_epoch + 1
        self.folder.forget_after(self.step)
        if self.folder.best.with_suffix(".safetensors").exists():
            self.best = read_checkpoint_info(self.folder.best)

    @property
    def steps_per_epoch(self) -> int:
        return len(self._batches(1))

    def go(self, on_progress: Callable[[TrainProgress], None], boards: Sequence[LineSink] = ()) -> TrainResult:
        log = (LineWriter(self.folder.log), *boards)
        epochs = (LineWriter(self.folder.epochs), *boards)
        try:
            while self.epoch <= self.config.training.epochs:
                for progress in self._train_epoch(log):
                    on_progress(progress)
                info = self._validate()
                for sink in epochs:
                    sink.write({"epoch": self.epoch, "step": self.step, **info.validation})
                self._save(info)
                write_text(self.folder.curves, draw_curves(read_curves(self.folder)))
                on_progress(replace(progress, validation=dict(info.validation)))
                self.epoch += 1
        finally:
            for sink in {*log, *epochs}:
                sink.close()
            self.pool.close()
        if self.best is None:
            raise RunError(f"{self.folder.path}: the run is finished already; score it with `avdf score`")
        return TrainResult(
            self.folder.path, self.best.epoch, self.best.thresholds, dict(self.best.validation), self.data
        )

    def _train_epoch(self, log: Sequence[LineSink]) -> Iterator[TrainProgress]:
        rate = self.config.training.rate(self.epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        labels = torch.from_numpy(self.data.labels.astype(np.int64))
        batches = self._batches(self.epoch)
        total = len(batches) * self.config.training.epochs
        done = self.step - (self.epoch - 1) * len(batches)
        windows = self._windows(batches, done)
        self.detector.train()
        start = time.perf_counter()
        for batch in self._stream(windows):
            losses = self._step(batch, labels[[window.video for window in batch.windows]].to(self.device))
            self.step += 1
            now = time.perf_counter()
            speed, start = len(batch.windows) / (now - start), now
            values = _values(losses)
            line = {name: value if math.isfinite(value) else None for name, value in values.items()}
            for sink in log:
                sink.write({"step": self.step, "epoch": self.epoch, "rate": rate, **line, "segments_per_second": speed})
            if not math.isfinite(values["loss"]):
                names = ", ".join(self.data.train[window.video].info.id for window in batch.windows)
                told = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
                raise RunError(f"step {self.step}: a loss is not finite ({told}); the batch was {names}")
            every = self.config.training.checkpoint_steps
            if every and self.step % every == 0 and self.step % len(batches):
                self._save_last(self._info(Thresholds(), {}))
            yield TrainProgress(
                self.epoch, self.config.training.epochs, self.step, total, values["loss"], speed, validation={}
            )

    def _step(self, batch: SegmentBatch, labels: torch.Tensor) -> Losses:
        return train_step(self.detector, self.optimiser, batch, labels, self.config.losses, self.device)

    def _stream(self, batches: Iterable[Sequence[Window]]) -> Iterator[SegmentBatch]:
        data = self.config.data
        return stream_batches(self.pool, batches, data.threads, data.ahead, pinned=self.device.type == "cuda")

    def _batches(self, epoch: int) -> npt.NDArray[np.int64]:
        return _epoch_order(self.data, self.config, epoch)

    def _windows(self, batches: npt.NDArray[np.int64], done: int) -> Iterator[list[Window]]:
        """Random windows of the epoch's batches from number `done` on."""
        size = batches.shape[1]
        for index in range(done, len(batches)):
            yield [self._window(int(video), index * size + position) for position, video in enumerate(batches[index])]

    def _window(self, index: int, slot: int) -> Window:
        video = self.data.train[index]
        skip = [max(0, self.config.data.skip_start - round(track.start * FRAME_RATE)) for track in video.tracks]
        row = window_start(
            [track.row for track in video.tracks],
            [track.rows for track in video.tracks],
            skip,
            self.config.training.seed,
            self.epoch,
            slot,
        )
        return Window(index, video.shard, row)

    def _validate(self) -> CheckpointInfo:
        """Score the validation videos: AUC of each verdict, and the thresholds."""
        videos = self.data.val
        windows = scoring_windows(videos, self.config.data.validation_segments)
        batches = in_batches(windows, self.config.data.batch_size)
        segments = score_segments(self.detector, self._stream(batches), self.device, verdicts=self.config.verdicts)
        scores = average_videos(segments, len(videos))
        labels = label_table(videos).astype(np.int64)[:, [1, 2, 0]]  # in the order of VERDICTS
        found: dict[str, float | None] = {}
        validation: dict[str, float | None] = {}
        for which, name in enumerate(VERDICTS):
            validation[f"auc_{name}"] = auc(labels[:, which], scores.fake[:, which])
            found[name] = best_threshold(labels[:, which], scores.fake[:, which])
        thresholds = Thresholds(
            **{name: 0.5 if value is None else value for name, value in found.items()},
            origin="validation" if found["video"] is not None else "default",
        )
        return self._info(thresholds, validation)

    def _info(self, thresholds: Thresholds, validation: dict[str, float | None]) -> CheckpointInfo:
        return CheckpointInfo(self.epoch, self.step, self.config, self.detector.backbones, thresholds, validation)

    def _save(self, info: CheckpointInfo) -> None:
        if self.best is None or _quality(info) >= _quality(self.best):
            save_checkpoint(self.folder.best, self.detector, info)
            self.best = info
        self._save_last(info)

    def _save_last(self, info: CheckpointInfo) -> None:
        save_checkpoint(self.folder.last, self.detector, info, self.optimiser)


def _quality(info: CheckpointInfo) -> tuple[float, float]:
    """By the video verdict's AUC on validation, then by that of the two modalities; without any, the later epoch."""
    scores = [info.validation.get(f"auc_{name}") for name in VERDICTS]
    visual, audio, video = (0.0 if score is None else score for score in scores)
    return video, visual + audio


def train_step(
    detector: Detector,
    optimiser: torch.optim.Optimizer,
    batch: SegmentBatch,
    labels: torch.Tensor,
    settings: LossSettings,
    device: torch.device,
) -> Losses:
    """One step on a batch with labels (B, 3) on the device. Nothing is learnt from a loss that is not finite."""
    output = detector(*detector_input(batch, device, detector.mel_bins))
    losses = detector_losses(output, labels, settings)
    optimiser.zero_grad(set_to_none=True)
    losses.total.backward()  # type: ignore[no-untyped-call]
    if torch.isfinite(losses.total):
        optimiser.step()
    return losses


def _values(losses: Losses) -> dict[str, float]:
    values = {name: float(getattr(losses, name).detach()) for name in Losses.__dataclass_fields__}
    return {"loss": values.pop("total"), **values}
