"""The loop of training: the paper's schedule over streamed shards, validated after each epoch."""

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from avdf.cache.core.errors import RunError, SegmentError
from avdf.cache.files.atomic_file import write_text
from avdf.cache.stream.batches import SegmentBatch
from avdf.cache.stream.windows import Window
from avdf.model.inference.decision import judge
from avdf.model.inference.reliability import validation_notes
from avdf.model.inference.validation import Validation, validation_figures
from avdf.model.report.curves import draw_curves, read_curves
from avdf.model.runs.checkpoint import CheckpointInfo, StartedFrom
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import LogSink, LogWriter, read_log
from avdf.model.runs.started_from import FirstTensors
from avdf.model.thresholds import Thresholds
from avdf.model.training.batch_reader import BatchReader
from avdf.model.training.changed_window import CannotForgeError
from avdf.model.training.checkpoint_keeper import CheckpointKeeper
from avdf.model.training.device_copy import Labelled, labelled_batches
from avdf.model.training.distributed import Ranks
from avdf.model.training.learner import Learner
from avdf.model.training.loss_reader import LossReader
from avdf.model.training.matching_watch import Lines, matching_figures, matching_notes
from avdf.model.training.progress import OnProgress, TrainingOutcome, TrainProgress
from avdf.model.training.reference_measurer import ReferenceMeasurer
from avdf.model.training.sync_validator import SyncValidator
from avdf.model.training.taken_step import TakenStep
from avdf.model.training.training_set import TrainingSet
from avdf.model.training.unreadable_windows import UnreadableWindows
from avdf.model.training.validator import Validator
from avdf.model.training.window_sampler import MOST_REPLACEMENTS, WindowSampler


class Trainer:
    """One training run, in one of its processes.

    epoch  the epoch at work, counted from 1
    step   the steps taken since the run began
    """

    def __init__(
        self, folder: RunFolder, config: RunConfig, data: TrainingSet, ranks: Ranks
    ) -> None:
        self._folder, self._config = folder, config
        self._data, self._ranks = data, ranks
        # The learner first: it refuses videos that cannot train any verdict before weights are
        # loaded.
        self._learner = Learner(config, data, ranks)
        self._sampler = WindowSampler(data, config, ranks)
        self._keeper = CheckpointKeeper(
            folder, self._learner, ranks, config.training.keep_epochs
        )
        self._unreadable = UnreadableWindows(folder.damaged, ranks)
        self._validator = Validator(
            data, config, self._learner, ranks, self._unreadable
        )
        self._sync_validator = SyncValidator(data.val, config, self._learner, ranks)
        self._reference = ReferenceMeasurer(data.val, ranks)
        self._reader = BatchReader(config.data, self._learner.device)
        self.epoch, self.step = 1, 0
        self._started_from: StartedFrom | None = None
        self._planned: tuple[int, ...] = ()
        self._read = (
            0  # the step of the last batch that was read, at times ahead of `step`
        )

    def begin_from(self, first: FirstTensors) -> None:
        """Begin with the trainable tensors of another run."""
        self._learner.begin_from(first.checkpoint, first.info)
        self._started_from = first.origin

    def restore(self) -> None:
        """Go on from the checkpoint `last`.

        Raises:
            RunError: the shards or the configuration are not those that the run began with.
        """
        info = read_checkpoint_info(self._folder.last)
        # Batches are a function of the list of training videos: with another list, step 100 of this
        # run would have other videos than step 100 of the run that was interrupted.
        if info.data["protocol"]["sha256"] != self._data.assignment.sha256:
            raise RunError(
                f"{self._folder.path}: the shards list other videos than when this run began, "
                "or in other splits; resume on the same shards, or begin another run"
            )
        _check_same_config(self._folder, info.config, self._config)
        self._learner.restore(self._folder.last, info)
        self._started_from, self._planned = info.started_from, info.planned
        if info.config.training.epochs != self._config.training.epochs:
            self._planned = (*info.planned, info.config.training.epochs)
        self.step = info.step
        # All epochs have equally many steps, so the step alone says where the run stands.
        steps_per_epoch = len(self._sampler.batches(1))
        self.epoch = self.step // steps_per_epoch + 1
        # Windows that could not be read before the interruption count for the notes of the run too.
        self._unreadable.count()
        self._keeper.restore()

    def run(self, on_progress: OnProgress, sinks: Sequence[LogSink]) -> TrainingOutcome:
        """Train to the last epoch. With several ranks, only the first one writes files.

        Args:
            sinks: receive the lines of `log.jsonl` and `epochs.jsonl` as well.

        Raises:
            RunError: the run was finished before, or a loss is not finite.
        """
        # Lines of steps go to one file, lines of validations to another; further sinks get both.
        leads = self._ranks.leads
        steps = (LogWriter(self._folder.log), *sinks) if leads else ()
        validations = (LogWriter(self._folder.epochs), *sinks) if leads else ()
        try:
            # One round is one epoch: train, validate, log, keep the checkpoint, draw the curves.
            while self.epoch <= self._config.training.epochs:
                for progress in self._train_epoch(steps):
                    on_progress(progress)
                # Then the log before the checkpoint: a checkpoint whose validation is not in the
                # log would have no point in the curves, while a log line without its checkpoint is
                # cut away when the run resumes.
                logged = self._logged()
                warnings = self._matching_notes(logged)
                with self._learner.averaged():
                    info, validation = self._validate(warnings)
                _write(validations, self._epoch_line(info, logged))
                self._keeper.save_epoch(info, validation)
                self._draw_curves()
                # No rank begins the next epoch while the first one is still writing: it would wait
                # in its first exchange, and count as lost if writing took longer than the time
                # limit.
                self._ranks.wait()
                # The last progress of the epoch once more, with the metrics that are known only
                # now.
                on_progress(
                    replace(
                        progress,
                        validation=dict(info.validation),
                        warnings=warnings,
                    )
                )
                self.epoch += 1
        finally:
            # A set, since a further sink is in both lists and must be closed once.
            for sink in {*steps, *validations}:
                sink.close()
            self._reader.close()
        return self._result()

    def _train_epoch(self, sinks: Sequence[LogSink]) -> Iterator[TrainProgress]:
        """Train on the rest of the epoch at work, one step for each progress."""
        training = self._config.training
        # The rate is set anew in each epoch, so that a resumed run need not restore it.
        rate = training.rate(self.epoch)
        self._learner.set_learning_rate(rate)
        batches = self._sampler.batches(self.epoch)
        steps_per_epoch = len(batches)
        # A resumed run has taken some steps of this epoch already: their windows are not read.
        done = self.step - (self.epoch - 1) * steps_per_epoch
        windows = self._sampler.windows(batches, self.epoch, done)
        # The validation after the epoch before has left it in evaluation mode.
        self._learner.detector.train()
        taken: deque[TakenStep] = deque()
        start = time.perf_counter()
        for batch, labels in self._batches(windows):
            losses = self._learner.step(batch, labels)
            self.step += 1
            now = time.perf_counter()
            # The time includes the wait for the batch: slow reading shows as a low speed.
            speed = len(batch.windows) * self._ranks.world / (now - start)
            start = now
            videos = tuple(window.video for window in batch.windows)
            reader = LossReader(losses)
            taken.append(TakenStep(self.step, self.epoch, rate, speed, videos, reader))
            saves = self._saves_within_epoch(steps_per_epoch)
            # Before a checkpoint is written, the losses of all steps must be known to be finite.
            most_unread = 0 if saves else self._learner.steps_ahead
            reports = []
            while len(taken) > most_unread:
                reports.append(self._report(taken.popleft(), sinks, steps_per_epoch))
            if saves:
                self._unreadable.write()
                self._keeper.save_last(self._describe(Thresholds(), {}))
            # After the checkpoint: whoever stops the run at a step finds it saved.
            yield from reports
        for step in taken:
            yield self._report(step, sinks, steps_per_epoch)

    def _batches(self, windows: Iterator[list[Window]]) -> Iterator[Labelled]:
        """The batches of some windows and their labels, on the device that trains."""
        batches = self._counted(self._reader.read(windows, self._replace))
        # The labels of the windows that were read, which a damaged one may have been replaced by.
        return labelled_batches(
            batches,
            lambda batch: self._sampler.labels(batch.windows),
            self._learner.device,
        )

    def _counted(self, batches: Iterator[SegmentBatch]) -> Iterator[SegmentBatch]:
        """The same batches; `_read` is the step of the last one that was read."""
        self._read = self.step
        for batch in batches:
            self._read += 1
            yield batch

    def _report(
        self, step: TakenStep, sinks: Sequence[LogSink], steps_per_epoch: int
    ) -> TrainProgress:
        """Log a step and stop where its loss is not finite.

        Raises:
            RunError: it is not finite.
        """
        values = step.losses.values()
        # Before the check, so that the log shows the loss that stopped the run.
        _write(sinks, step.log_line(values, self._learner.untrained))
        if not math.isfinite(values["loss"]):
            # The losses are of the whole batch, so the video at fault may be on any rank. All
            # ranks have the same losses, so all of them arrive at this exchange.
            own = [self._data.train[video].info.id for video in step.videos]
            shares = self._ranks.collect(own)
            raise step.not_finite(values, list(chain.from_iterable(shares)))
        epochs = self._config.training.epochs
        return TrainProgress(
            epoch=step.epoch,
            epochs=epochs,
            step=step.step,
            steps=steps_per_epoch * epochs,
            loss=values["loss"],
            segments_per_second=step.speed,
            validation={},
        )

    def _saves_within_epoch(self, steps_per_epoch: int) -> bool:
        """Whether `last` is saved after this step; the end of an epoch has a checkpoint anyway."""
        every = self._config.training.checkpoint_steps
        return bool(
            every and self.step % every == 0 and self.step % steps_per_epoch != 0
        )

    def _validate(self, warnings: Sequence[str]) -> tuple[CheckpointInfo, Validation]:
        """Score the validation videos; find the thresholds and metrics of each verdict.

        Args:
            warnings: what else the checkpoint notes against the run.
        """
        validation = self._validator.validate(self._reader, self.epoch, self.step)
        pairs = validation.of("mean")
        segments = self._config.data.validation_segments
        # Thresholds are found on videos, since verdicts are on videos: with the mean over segments,
        # which scoring uses unless it is told otherwise.
        notes = validation_notes(pairs, self._learner.trained, segments)
        notes = (*self._validator.notes, *notes, *warnings)
        thresholds = judge(validation, "mean").thresholds
        info = self._describe(thresholds, validation_figures(pairs), notes)
        sync = self._sync_validator.calibrate(self._reader)
        figures = {**info.validation, "auc_sync": sync.auc if sync else None}
        reference = self._reference.measure()
        described = replace(info, validation=figures, sync=sync, reference=reference)
        return described, validation

    def _logged(self) -> Lines:
        """The lines of `log.jsonl` so far, on the rank that writes it."""
        return read_log(self._folder.log) if self._ranks.leads else []

    def _epoch_line(
        self, info: CheckpointInfo, logged: Lines
    ) -> dict[str, float | None]:
        """A line of `epochs.jsonl`."""
        own = [line for line in logged if line["epoch"] == self.epoch]
        return {
            "epoch": self.epoch,
            "step": self.step,
            **info.validation,
            **matching_figures(own),
            **self._validator.within_segments,
        }

    def _matching_notes(self, logged: Lines) -> tuple[str, ...]:
        """What the log says against the matching loss."""
        if "matching" not in self._learner.trained:
            return ()
        return matching_notes(logged, self._config.training.matching)

    def _replace(self, window: Window, attempt: int, error: SegmentError) -> Window:
        """What to train on in place of a window that cannot be read or forged.

        Raises:
            RunError: too many replacements cannot be read or forged either.
        """
        if isinstance(error, CannotForgeError):
            if attempt > MOST_REPLACEMENTS:
                raise RunError(
                    f"{error}; {MOST_REPLACEMENTS} other forgeries that were tried instead, most "
                    "of them of other segments, cannot be made either; allow more forgers "
                    "(data.forgers), or leave out the videos that none of them can forge"
                )
            # Nothing is damaged, so nothing is listed: the window is forged in another way.
            return self._sampler.another_forgery(window, self.epoch, attempt)
        video = self._data.train[window.video]
        # A window that cannot be read belongs to the batch after the last one that was read.
        self._unreadable.add(self.epoch, self._read + 1, video, error)
        if attempt > MOST_REPLACEMENTS:
            raise RunError(
                f"{error}; {MOST_REPLACEMENTS} other segments that were tried instead cannot be "
                "read either; see `avdf verify`"
            )
        return self._sampler.replacement(window, self.epoch, attempt)

    def _describe(
        self,
        thresholds: Thresholds,
        validation: dict[str, float | None],
        notes: tuple[str, ...] = (),
    ) -> CheckpointInfo:
        """What a checkpoint of the present state says of itself."""
        learner = self._learner
        return CheckpointInfo(
            epoch=self.epoch,
            step=self.step,
            config=self._config,
            backbones=learner.detector.backbones,
            thresholds=thresholds,
            validation=validation,
            data=self._data.as_dict(),
            trained=learner.trained,
            notes=(
                *learner.notes,
                *self._origin_notes,
                *notes,
                *self._unreadable.notes,
            ),
            computed=learner.computed,
            started_from=self._started_from,
            planned=self._planned,
        )

    @property
    def _origin_notes(self) -> tuple[str, ...]:
        """What the run cannot be relied on for because of where it started from."""
        if self._started_from is None or not self._started_from.note:
            return ()
        return (self._started_from.note,)

    def _draw_curves(self) -> None:
        if self._ranks.leads:
            write_text(self._folder.curves, draw_curves(read_curves(self._folder)))

    def _result(self) -> TrainingOutcome:
        best = self._keeper.best
        if best is None:
            raise RunError(
                f"{self._folder.path}: the run is finished already; score it with `avdf score`"
            )
        return TrainingOutcome(
            folder=self._folder.path,
            epoch=best.epoch,
            thresholds=best.thresholds,
            validation=dict(best.validation),
            data=self._data,
            notes=best.notes,
        )


def _write(sinks: Iterable[LogSink], line: Mapping[str, float | None]) -> None:
    for sink in sinks:
        sink.write(line)


def _check_same_config(folder: RunFolder, trained: RunConfig, kept: RunConfig) -> None:
    """Refuse to go on with another configuration than the one that the checkpoint was trained with.

    More epochs are allowed: the learning rate of those that are done does not depend on them.

    Raises:
        RunError: they differ; the message names the first setting that does.
    """
    before, now = trained.as_dict(), kept.as_dict()
    for section, settings in now.items():
        for key, value in settings.items():
            was = before[section][key]
            has_more_epochs = (section, key) == ("training", "epochs") and value > was
            if was != value and not has_more_epochs:
                raise RunError(
                    f"{folder.config}: {section}.{key} is {value!r}, but the run was trained with "
                    f"{was!r}; restore it to continue, or start another run"
                )
