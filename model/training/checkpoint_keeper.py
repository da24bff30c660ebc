"""The checkpoints that a run keeps: `last` to go on from, `best` to score with."""

from pathlib import Path

from avdf.model.inference.validation import Validation, quality
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.checkpoint_writer import save_checkpoint
from avdf.model.runs.folder import RunFolder
from avdf.model.training.distributed import Ranks
from avdf.model.training.learner import Learner


class CheckpointKeeper:
    """Writes the checkpoints of a run on the first rank; every rank knows which one is the best."""

    def __init__(
        self, folder: RunFolder, learner: Learner, ranks: Ranks, keep_epochs: bool
    ) -> None:
        self._folder, self._learner, self._ranks = folder, learner, ranks
        self._keep_epochs = keep_epochs
        self.best: CheckpointInfo | None = None

    def restore(self) -> None:
        """Learn which epoch was the best before the run was interrupted."""
        if self._folder.has(self._folder.best):
            self.best = read_checkpoint_info(self._folder.best)

    def save_epoch(self, info: CheckpointInfo, validation: Validation) -> None:
        """Keep the checkpoint of a whole epoch, with the scores of its validation videos."""
        folder = self._folder
        if self._keep_epochs:
            self._save(folder.of_epoch(info.epoch), info, validation)
        # Every rank decides for itself: all have the same metrics, so no message is needed.
        if self._is_best(info):
            self._save(folder.best, info, validation)
            self.best = info
        # `last` is written after `best`: a run killed between the two repeats the epoch.
        self.save_last(info, validation)

    def save_last(
        self, info: CheckpointInfo, validation: Validation | None = None
    ) -> None:
        """Keep the checkpoint to go on from, with the optimiser's state."""
        if self._ranks.leads:
            learner = self._learner
            with learner.averaged() as trained:
                save_checkpoint(
                    self._folder.last,
                    learner.detector,
                    info,
                    learner.optimiser,
                    validation,
                    trained,
                )

    def _save(self, path: Path, info: CheckpointInfo, validation: Validation) -> None:
        """Keep a checkpoint to score with."""
        if self._ranks.leads:
            with self._learner.averaged():
                save_checkpoint(
                    path, self._learner.detector, info, validation=validation
                )

    def _is_best(self, info: CheckpointInfo) -> bool:
        """Whether validation was at least as good as at the best epoch so far."""
        if self.best is None:
            return True
        # Equal quality counts as better: on few validation videos many epochs reach the same AUC,
        # and the later ones have seen more data.
        trained = self._learner.trained
        return quality(info.validation, trained) >= quality(
            self.best.validation, trained
        )
