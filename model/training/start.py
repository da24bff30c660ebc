"""Starting a run, or resuming one: the checks, the run's folder, then the loop of training."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import remove_partials
from avdf.cache.files.ownership import check_folder
from avdf.cache.machine.device import choose_device
from avdf.cache.shards.mirror import warn_of_small_mirror
from avdf.cache.stream.batch_memory import check_batch_size
from avdf.cache.stream.index import index_folder
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.started_from import FirstTensors, first_tensors, seen_before
from avdf.model.training.distributed import Ranks, joined
from avdf.model.training.progress import OnProgress, TrainingOutcome, ignore_progress
from avdf.model.training.tensorboard import TensorBoard, require_tensorboard
from avdf.model.training.trainer import Trainer
from avdf.model.training.training_set import TrainingSet, load_training_set


def train(
    shards: Path,
    out: Path,
    config: RunConfig,
    *,
    resume: bool = False,
    epochs: int | None = None,
    start_from: Path | None = None,
    tensorboard: bool = False,
    on_progress: OnProgress = ignore_progress,
) -> TrainingOutcome:
    """Train a detector on a folder of shards and keep it in the run folder `out`.

    Args:
        resume: go on from the checkpoint `last` in `out`, with the configuration that is there.
        epochs: with `resume`: train to this epoch, at least as many as the run has planned.
        start_from: another run; the new one begins with the trainable tensors of its checkpoint
            `best`.
        tensorboard: write events to `out`/tensorboard as well.
        on_progress: called after each step, and once more after each validation.

    Raises:
        RunError: `out` holds a run already or has none to resume, another process trains in it,
            or a loss is not finite.
        ShardError, SettingsError, WeightsError: the shards, a setting or the weights of a backbone
            cannot be used.
    """
    if tensorboard:
        require_tensorboard()
    folder = RunFolder(out)
    check_folder(out, "run", [shards])
    if resume:
        config = _with_epochs(folder.read_config(), epochs)
        folder.check_resumable()
    first = first_tensors(start_from, config.model) if start_from else None
    # Everything that can be refused is refused before weights are loaded, which takes longest.
    data = load_training_set(shards, config)
    warn_of_small_mirror(video.shard for video in (*data.train, *data.val))
    first = _with_note(first, shards, data) if first else None
    with joined(choose_device(config.training.device)) as ranks, ExitStack() as held:
        _check_batches(data, config, ranks)
        trainer = Trainer(folder, config, data, ranks)
        # Only the first rank writes. The lock is held until training ends: two runs in one
        # folder would mix their logs and overwrite each other's checkpoints.
        if ranks.leads:
            held.enter_context(folder.locked())
            _open_folder(folder, config, resume)
        # The other ranks read the folder, so they wait until the first one has put it in order.
        ranks.wait()
        if resume:
            trainer.restore()
        elif first is not None:
            trainer.begin_from(first)
        # The other ranks take the same steps, without logs and without progress on the screen.
        if not ranks.leads:
            return trainer.run(ignore_progress, ())
        # The splits are kept beside the run: scoring must know which videos training has seen.
        data.assignment.write(folder.protocol)
        sinks = [TensorBoard(folder.tensorboard, trainer.step)] if tensorboard else []
        return trainer.run(on_progress, sinks)


def _with_epochs(config: RunConfig, epochs: int | None) -> RunConfig:
    """The configuration of a run that is resumed, with more epochs where they are asked for.

    Raises:
        SettingsError: they are fewer than planned.
    """
    planned = config.training.epochs
    if epochs is None or epochs == planned:
        return config
    if epochs < planned:
        raise SettingsError(
            f"training.epochs={epochs}: this run is planned for {planned} epochs; "
            "a resumed run can have more, not fewer"
        )
    return replace(config, training=replace(config.training, epochs=epochs))


def _with_note(first: FirstTensors, shards: Path, data: TrainingSet) -> FirstTensors:
    """The same, with a note where the other run has seen videos of this one."""
    note = seen_before(first, index_folder(shards).infos, data.assignment)
    return replace(first, origin=replace(first.origin, note=note))


def _check_batches(data: TrainingSet, config: RunConfig, ranks: Ranks) -> None:
    """Refuse batches that cannot be made, before time is spent on loading weights."""
    data.batches(config, 1, ranks.rank, ranks.world)
    batch_of_rank = -(-config.data.batch_size // ranks.world)
    check_batch_size(batch_of_rank, config.data.ahead)


def _open_folder(folder: RunFolder, config: RunConfig, resume: bool) -> None:
    """Begin a run, or cut the logs of an interrupted one back to its last checkpoint."""
    if not resume:
        folder.create(config)
        return
    # A killed run may leave half-written files, and log lines of steps that will be taken again.
    remove_partials(folder.path, folder.written)
    folder.forget_after(read_checkpoint_info(folder.last).step)
    # Before the first of the new epochs: if it is interrupted, the run goes on to the same end.
    if folder.read_config() != config:
        folder.extend(config)
