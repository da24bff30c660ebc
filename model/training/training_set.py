"""The videos that a run is trained and validated on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache.core.errors import SettingsError
from avdf.cache.stream.index import VideoRef, index_folder
from avdf.cache.stream.order import Batches, epoch_batches
from avdf.model.protocols import Assignment, assign
from avdf.model.runs.config import RunConfig

LabelTable = npt.NDArray[np.int8]


@dataclass(frozen=True)
class TrainingSet:
    """The videos of training and validation, and the protocol that chose them."""

    train: tuple[VideoRef, ...]
    val: tuple[VideoRef, ...]
    assignment: Assignment

    @property
    def labels(self) -> LabelTable:
        """(videos, 3) label, label_visual, label_audio of the training videos."""
        return label_table(self.train)

    def batches(
        self, config: RunConfig, epoch: int, rank: int = 0, world: int = 1
    ) -> Batches:
        """(steps, batch / world) positions in `train`: the part of an epoch's batches of one rank.

        Raises:
            SettingsError: a class that the sampling needs has no video, or a batch cannot be
                divided among classes and ranks.
        """
        return epoch_batches(
            self.labels,
            config.data.batch_size,
            config.data.sampling,
            config.training.seed,
            epoch,
            rank,
            world,
            [video.info.identity for video in self.train],
        )

    def as_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps of it: the protocol, and counts of videos."""
        synthetic = [video for video in self.train if video.info.synthetic]
        return {
            "protocol": self.assignment.as_dict(),
            "datasets": _count_by_dataset(self.train),
            "synthetic": _count_by_dataset(synthetic),
            "train": len(self.train),
            "val": len(self.val),
        }


def load_training_set(shards: Path, config: RunConfig) -> TrainingSet:
    """The training and validation videos in a folder of shards.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: the protocol puts no video into the split `train`.
    """
    # Protocols assign all inputs, also those that could not be prepared: splits stay the same
    # when more of them are.
    listed = index_folder(shards)
    assignment = assign(config.data.protocol, listed.infos, config.data.split_seed)
    train = _of_split(listed.videos, assignment, "train")
    if not train:
        raise SettingsError(
            f"{shards}: no video of split `train` among {len(listed.videos)} "
            f"(protocol {assignment.name}); see `avdf protocol {assignment.name} {shards}`"
        )
    return TrainingSet(train, _of_split(listed.videos, assignment, "val"), assignment)


def label_table(videos: Sequence[VideoRef]) -> LabelTable:
    """(videos, 3) label, label_visual, label_audio."""
    rows = [
        (video.info.label, video.info.label_visual, video.info.label_audio)
        for video in videos
    ]
    return np.array(rows, np.int8).reshape(len(rows), 3)


def _of_split(
    videos: Sequence[VideoRef], assignment: Assignment, split: str
) -> tuple[VideoRef, ...]:
    return tuple(video for video in videos if assignment.of(video.info.id) == split)


def _count_by_dataset(videos: Sequence[VideoRef]) -> dict[str, int]:
    return dict(Counter(video.info.dataset for video in videos))
