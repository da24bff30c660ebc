"""Training: the paper's schedule over streamed shards, validated after each epoch."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.errors import RunError, SegmentError, SettingsError, WeightsError
from avdf.cache.files.atomic_file import remove_partials, write_text
from avdf.cache.files.ownership import check_folder
from avdf.cache.machine.device import choose_device
from avdf.cache.shards.mirror import warn_of_small_mirror
from avdf.cache.stream.batch_memory import check_batch_size
from avdf.cache.stream.batches import OnDamage, SegmentBatch, stream_batches
from avdf.cache.stream.index import VideoRef, index_folder
from avdf.cache.stream.order import epoch_batches, window_start
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.windows import Window, in_batches, scoring_windows
from avdf.model.detector import Detector
from avdf.model.inference.decision import judge
from avdf.model.inference.inputs import detector_input
from avdf.model.inference.outputs import score_segments
from avdf.model.inference.precision import choose_precision, describe_computing
from avdf.model.inference.reliability import validation_notes
from avdf.model.inference.segments import join_segments
from avdf.model.inference.validation import Validation, quality, validation_figures
from avdf.model.losses import LOSS_NAMES, Losses, LossSettings, detector_losses
from avdf.model.protocols import Assignment, assign
from avdf.model.report.curves import draw_curves, read_curves
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.checkpoint_reader import load_trainable, read_checkpoint_info
from avdf.model.runs.checkpoint_writer import save_checkpoint
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import LogSink, LogWriter, read_log
from avdf.model.runs.trained import trained_parts, untrained_notes
from avdf.model.thresholds import Thresholds
from avdf.model.training.classes import find_classes, masked_losses
from avdf.model.training.distributed import Ranks, joined
from avdf.model.training.tensorboard import TensorBoard, require_tensorboard
from avdf.model.training.window_labels import stretches, window_label

Labels = npt.NDArray[np.int8]

_REPLACEMENTS_OF_VIDEO = (
    4  # other rows of a video that are tried where one of its windows cannot be read
)
_MOST_REPLACEMENTS = 20


@dataclass(frozen=True)
class TrainingSet:
    """The videos of training and validation, and the protocol that chose them."""

    train: tuple[VideoRef, ...]
    val: tuple[VideoRef, ...]
    assignment: Assignment

    @property
    def labels(self) -> Labels:
        """(videos, 3) label, label_visual, label_audio of the training videos."""
        return label_table(self.train)

    def as_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {
            "protocol": self.assignment.as_dict(),
            "datasets": dict(Counter(video.info.dataset for video in self.train)),
            "synthetic": dict(
                Counter(video.info.dataset for video in self.train if video.info.synthetic)
            ),
            "train": len(self.train),
            "val": len(self.val),
        }


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
    """What a run came to: its best checkpoint's validation. `notes`: what it cannot be relied on for."""

    folder: Path
    epoch: int
    thresholds: Thresholds
    validation: dict[str, float | None]
    data: TrainingSet
    notes: tuple[str, ...] = ()


def label_table(videos: Sequence[VideoRef]) -> Labels:
    """(videos, 3) label, label_visual, label_audio."""
    rows = [(video.info.label, video.info.label_visual, video.info.label_audio) for video in videos]
    return np.array(rows, np.int8).reshape(len(rows), 3)


def load_training_set(shards: Path, config: RunConfig) -> TrainingSet:
    """The shards' training and validation videos.

    Raises:
        ShardError, SettingsError: unreadable, or nothing to train on.
    """
    listed = index_folder(shards)
    videos, assignment = (
        listed.videos,
        assign(config.data.protocol, listed.infos, config.data.split_seed),
    )
    train, val = (
        tuple(video for video in videos if assignment.of(video.info.id) == name)
        for name in ("train", "val")
    )
    if not train:
        raise SettingsError(
            f"{shards}: no video of split `train` among {len(videos)} (protocol {assignment.name}); "
            f"see `avdf protocol {assignment.name} {shards}`"
        )
    return TrainingSet(train, val, assignment)


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
        RunError: `out` holds a run already, has none to resume, another process trains in it, or a loss is not finite.
        ShardError, SettingsError, WeightsError: the input cannot be used.
    """
    if tensorboard:
        require_tensorboard()
    folder = RunFolder(out)
    check_folder(out, "run", [shards])
    if resume:
        config = folder.read_config()
        folder.check_resumable()
    data = load_training_set(shards, config)
    warn_of_small_mirror(video.shard for video in (*data.train, *data.val))
    with joined(choose_device(config.training.device)) as ranks, ExitStack() as held:
        _epoch_order(data, config, 1, ranks)  # refuse before loading weights
        check_batch_size(-(-config.data.batch_size // ranks.world), config.data.ahead)
        run = _Run(folder, config, data, ranks)
        if ranks.leads:
            held.enter_context(folder.locked())
            _open_folder(folder, config, resume)
        ranks.wait()
        if resume:
            run.restore()
        if ranks.leads:
            data.assignment.write(folder.protocol)
        sinks: list[LogSink] = (
            [TensorBoard(folder.tensorboard, run.step)] if tensorboard and ranks.leads else []
        )
        return run.go(on_progress if ranks.leads else lambda _: None, sinks)


def _open_folder(folder: RunFolder, config: RunConfig, resume: bool) -> None:
    """Begin a run, or put one that was interrupted in order: its logs end where its last checkpoint stands."""
    if not resume:
        folder.create(config)
        return
    remove_partials(folder.path, folder.written)
    folder.forget_after(read_checkpoint_info(folder.last).step)


def _epoch_order(
    data: TrainingSet, config: RunConfig, epoch: int, ranks: Ranks
) -> npt.NDArray[np.int64]:
    return epoch_batches(
        data.labels,
        config.data.batch_size,
        config.data.sampling,
        config.training.seed,
        epoch,
        ranks.rank,
        ranks.world,
        [video.info.identity for video in data.train],
    )


def _check_config(folder: RunFolder, trained: RunConfig, kept: RunConfig) -> None:
    """A run goes on as it began: the checkpoint's configuration and the folder's are one.

    Raises:
        RunError: they differ; the message names the first setting that does.
    """
    before, now = trained.as_dict(), kept.as_dict()
    names = [(section, key) for section in now for key in now[section]]
    for section, key in names:
        if (was := before[section][key]) != (value := now[section][key]):
            raise RunError(
                f"{folder.config}: {section}.{key} is {value!r}, but the run was trained with {was!r}; "
                "put it back to go on, or begin another run"
            )


class _Run:
    """The state of one training run, in one of its processes."""

    def __init__(
        self, folder: RunFolder, config: RunConfig, data: TrainingSet, ranks: Ranks
    ) -> None:
        self.folder, self.config, self.data, self.ranks = folder, config, data, ranks
        classes = find_classes(data.train, config.data.labels)
        self.trained = trained_parts(classes, config)
        self.notes = untrained_notes(classes, config, self.trained)
        self.losses = masked_losses(config.losses, self.trained)
        # Losses that the configuration wants and these videos cannot train: nothing is reported for them.
        self.masked = [
            name for name in LOSS_NAMES if getattr(config.losses, name) and name not in self.trained
        ]
        self.device = ranks.device(choose_device(config.training.device))
        self.detector = Detector(config.model).to(self.device)
        dtype = choose_precision(config.training.precision, self.device)
        self.detector.hold_frozen(dtype, config.training.compile)
        self.computed = describe_computing(self.device, dtype)
        self.optimiser = torch.optim.Adam(
            self.detector.trainable_state().values(), lr=config.training.learning_rate
        )
        self._check_same()
        self.epoch, self.step = 1, 0  # the epoch at work, the steps taken
        self.best: CheckpointInfo | None = None
        self.pool = ShardPool()
        self.damage: list[dict[str, Any]] = []  # windows that could not be read, not yet on disk
        self.damage_notes: tuple[str, ...] = ()

    def _check_same(self) -> None:
        """Every rank must stand on the same backbones, whatever files lie on its machine."""
        hashes = self.ranks.collect(
            {name: info.sha256 for name, info in self.detector.backbones.items()}
        )
        if any(other != hashes[0] for other in hashes):
            raise WeightsError(
                "the ranks have different backbone weights; give each machine the same files"
            )

    def restore(self) -> None:
        """Go on from the last checkpoint."""
        info = read_checkpoint_info(self.folder.last)
        if info.data["protocol"]["sha256"] != self.data.assignment.sha256:
            raise RunError(
                f"{self.folder.path}: the shards list other videos than when this run began, or in other splits; "
                "resume on the same shards, or begin another run"
            )
        _check_config(self.folder, info.config, self.config)
        load_trainable(self.folder.last, self.detector, info, self.optimiser)
        self.step = info.step
        self.epoch = self.step // self.steps_per_epoch + 1
        self._count_damage()
        if self.folder.best.with_suffix(".safetensors").exists():
            self.best = read_checkpoint_info(self.folder.best)

    @property
    def steps_per_epoch(self) -> int:
        return len(self._batches(1))

    def go(
        self, on_progress: Callable[[TrainProgress], None], sinks: Sequence[LogSink]
    ) -> TrainResult:
        """Train to the end. Of several ranks, the first alone writes."""
        leads = self.ranks.leads
        log = (LogWriter(self.folder.log), *sinks) if leads else ()
        epochs = (LogWriter(self.folder.epochs), *sinks) if leads else ()
        try:
            while self.epoch <= self.config.training.epochs:
                for progress in self._train_epoch(log):
                    on_progress(progress)
                info, found = self._validate()
                for sink in epochs:
                    sink.write({"epoch": self.epoch, "step": self.step, **info.validation})
                self._save(info, found)
                if leads:
                    write_text(self.folder.curves, draw_curves(read_curves(self.folder)))
                self.ranks.wait()
                on_progress(replace(progress, validation=dict(info.validation)))
                self.epoch += 1
        finally:
            for sink in {*log, *epochs}:
                sink.close()
            self.pool.close()
        if self.best is None:
            raise RunError(
                f"{self.folder.path}: the run is finished already; score it with `avdf score`"
            )
        return TrainResult(
            self.folder.path,
            self.best.epoch,
            self.best.thresholds,
            dict(self.best.validation),
            self.data,
            self.best.notes,
        )

    def _train_epoch(self, log: Sequence[LogSink]) -> Iterator[TrainProgress]:
        rate = self.config.training.rate(self.epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        batches = self._batches(self.epoch)
        total = len(batches) * self.config.training.epochs
        done = self.step - (self.epoch - 1) * len(batches)
        windows = self._windows(batches, done)
        self.detector.train()
        start = time.perf_counter()
        for batch in self._stream(windows, self._replacement):
            losses = self._step(batch, self._labels(batch.windows))
            self.step += 1
            now = time.perf_counter()
            speed, start = len(batch.windows) * self.ranks.world / (now - start), now
            values = _values(losses)
            line = {name: value if math.isfinite(value) else None for name, value in values.items()}
            line |= dict.fromkeys(self.masked)
            for sink in log:
                sink.write(
                    {
                        "step": self.step,
                        "epoch": self.epoch,
                        "rate": rate,
                        **line,
                        "segments_per_second": speed,
                    }
                )
            if not math.isfinite(values["loss"]):
                shares = self.ranks.collect(
                    [self.data.train[window.video].info.id for window in batch.windows]
                )
                names = ", ".join(name for share in shares for name in share)
                told = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
                raise RunError(
                    f"step {self.step}: a loss is not finite ({told}); the batch was {names}"
                )
            every = self.config.training.checkpoint_steps
            if every and self.step % every == 0 and self.step % len(batches):
                self._write_damage()
                self._save_last(self._info(Thresholds(), {}))
            yield TrainProgress(
                self.epoch,
                self.config.training.epochs,
                self.step,
                total,
                values["loss"],
                speed,
                validation={},
            )

    def _step(self, batch: SegmentBatch, labels: torch.Tensor) -> Losses:
        inputs = detector_input(batch, self.device, self.detector.mel_bins)
        return train_step(self.detector, self.optimiser, inputs, labels, self.losses, self.ranks)

    def _labels(self, windows: Sequence[Window]) -> torch.Tensor:
        """(windows, 3) label, label_visual, label_audio: the videos', or by their periods."""
        videos = [self.data.train[window.video] for window in windows]
        rows = label_table(videos).tolist()
        if self.config.data.labels == "periods":
            rows = [
                window_label(video.info, video.file_time(window.row))
                for video, window in zip(videos, windows, strict=True)
            ]
        return torch.tensor(rows, dtype=torch.int64, device=self.device)

    def _stream(
        self, batches: Iterable[Sequence[Window]], on_damage: OnDamage
    ) -> Iterator[SegmentBatch]:
        data, pinned = self.config.data, self.device.type == "cuda"
        return stream_batches(self.pool, batches, data.threads, data.ahead, pinned, on_damage)

    def _replacement(self, window: Window, attempt: int, error: SegmentError) -> Window:
        """What is trained on in place of a window that cannot be read: the same whenever the run is repeated.

        Other rows of its video first, then videos with the same labels.
        """
        self._note_damage(self.data.train[window.video], error, self.step + 1)
        if attempt > _MOST_REPLACEMENTS:
            raise RunError(
                f"{error}; {_MOST_REPLACEMENTS} other segments in its place cannot be read either: see `avdf verify`"
            )
        key = [self.config.training.seed, self.epoch, window.video, window.row, attempt]
        generator = np.random.default_rng(key)
        video = window.video
        if attempt > _REPLACEMENTS_OF_VIDEO:
            labels = self.data.labels
            alike = np.flatnonzero((labels == labels[window.video]).all(axis=1))
            video = int(generator.choice(alike))
        slot = int(generator.integers(2**31))
        return self._window(video, slot)

    def _note_damage(self, video: VideoRef, error: SegmentError, step: int) -> None:
        self.damage.append(
            {"epoch": self.epoch, "step": step, "id": video.info.id, "reason": str(error)}
        )

    def _write_damage(self) -> None:
        """Keep what could not be read since the last time, of all ranks."""
        lines = [line for share in self.ranks.collect(self.damage) for line in share]
        self.damage = []
        if not self.ranks.leads or not lines:
            return
        writer = LogWriter(self.folder.damaged)
        for line in lines:
            writer.write(line)
        writer.close()
        self._count_damage()

    def _count_damage(self) -> None:
        """Say of the whole run, also of what came before it was resumed, how often something could not be read."""
        if damaged := len(read_log(self.folder.damaged)):
            self.damage_notes = (
                f"{damaged} times a segment could not be read, and another took its place in training; "
                f"see {self.folder.damaged.name}, and `avdf verify` for what to rebuild",
            )

    def _batches(self, epoch: int) -> npt.NDArray[np.int64]:
        return _epoch_order(self.data, self.config, epoch, self.ranks)

    def _windows(self, batches: npt.NDArray[np.int64], done: int) -> Iterator[list[Window]]:
        """Random windows of the epoch's batches from number `done` on: the same whatever the number of ranks."""
        own = batches.shape[1]
        for index in range(done, len(batches)):
            first = index * own * self.ranks.world + own * self.ranks.rank
            yield [
                self._window(int(video), first + position)
                for position, video in enumerate(batches[index])
            ]

    def _window(self, index: int, slot: int) -> Window:
        video, seed = self.data.train[index], self.config.training.seed
        by_period = self.config.data.labels == "periods"
        tracks = stretches(video, seed, self.epoch, slot) if by_period else video.tracks
        skip = [
            max(0, self.config.data.skip_start - round(track.start * FRAME_RATE))
            for track in tracks
        ]
        row = window_start(
            [track.row for track in tracks],
            [track.rows for track in tracks],
            skip,
            seed,
            self.epoch,
            slot,
        )
        return Window(index, video.shard, row)

    def _validate(self) -> tuple[CheckpointInfo, Validation]:
        """Score the validation videos: the figures of each verdict, and the thresholds."""
        videos = self.data.val
        windows = scoring_windows(videos, self.config.data.validation_segments)
        batches = in_batches(windows, self.config.data.batch_size)[
            self.ranks.rank :: self.ranks.world
        ]

        def leave_out(window: Window, _attempt: int, error: SegmentError) -> None:
            self._note_damage(videos[window.video], error, self.step)

        own = score_segments(
            self.detector, self._stream(batches, leave_out), self.device, trained=self.trained
        )
        self._write_damage()
        hears = self.config.model.has_audio
        silent = [number for number, video in enumerate(videos) if hears and not video.has_audio]
        scores = join_segments(self.ranks.collect(own)).without_sound(
            silent
        )  # as when videos are scored
        found = Validation.of_videos(scores, [video.info for video in videos])
        pairs = found.of("mean")
        notes = validation_notes(pairs, self.trained, self.config.data.validation_segments)
        return self._info(judge(found, "mean").thresholds, validation_figures(pairs), notes), found

    def _info(
        self,
        thresholds: Thresholds,
        validation: dict[str, float | None],
        notes: tuple[str, ...] = (),
    ) -> CheckpointInfo:
        return CheckpointInfo(
            self.epoch,
            self.step,
            self.config,
            self.detector.backbones,
            thresholds,
            validation,
            self.data.as_dict(),
            self.trained,
            (*self.notes, *notes, *self.damage_notes),
            self.computed,
        )

    def _save(self, info: CheckpointInfo, found: Validation) -> None:
        if self.ranks.leads and self.config.training.keep_epochs:
            save_checkpoint(self.folder.of_epoch(self.epoch), self.detector, info, validation=found)
        if self.best is None or self._quality(info) >= self._quality(self.best):
            if self.ranks.leads:
                save_checkpoint(self.folder.best, self.detector, info, validation=found)
            self.best = info
        self._save_last(info, found)

    def _quality(self, info: CheckpointInfo) -> tuple[float, float]:
        return quality(info.validation, self.trained)

    def _save_last(self, info: CheckpointInfo, found: Validation | None = None) -> None:
        if self.ranks.leads:
            save_checkpoint(self.folder.last, self.detector, info, self.optimiser, found)


def train_step(
    detector: Detector,
    optimiser: torch.optim.Optimizer,
    inputs: tuple[torch.Tensor, torch.Tensor],
    labels: torch.Tensor,
    settings: LossSettings,
    ranks: Ranks = Ranks(),
) -> Losses:
    """One step on this rank's frames and log-mel with labels (B, 3); the losses are those of all ranks' batches.

    Nothing is learnt from a loss that is not finite.
    """
    losses = detector_losses(*ranks.gather(detector(*inputs), labels), settings)
    optimiser.zero_grad(set_to_none=True)
    losses.total.backward()  # type: ignore[no-untyped-call]
    ranks.add_gradients(detector.trainable_state().values())
    if torch.isfinite(losses.total):
        optimiser.step()
    return losses


def _values(losses: Losses) -> dict[str, float]:
    values = {name: float(getattr(losses, name).detach()) for name in Losses.__dataclass_fields__}
    return {"loss": values.pop("total"), **values}
