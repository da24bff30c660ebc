"""The videos that a run is trained and validated on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.stream.index import VideoRef, index_folder
from avdf.cache.stream.order import Batches, epoch_batches
from avdf.model.forging.catalogue import chosen_forgers
from avdf.model.forging.forger import Forger
from avdf.model.protocols import Assignment, assign
from avdf.model.runs.config import DataSettings, RunConfig
from avdf.model.training.forged_batches import check_pairs, genuine_batches
from avdf.model.training.forged_copies import is_genuine

LabelTable = npt.NDArray[np.int8]


@dataclass(frozen=True)
class TrainingSet:
    """The videos of training and validation, and the protocol that chose them.

    forgers           that make forged windows; none where `data.forge` is off
    is_genuine_alone  whether all training videos are genuine, and every fake window is forged
    """

    train: tuple[VideoRef, ...]
    val: tuple[VideoRef, ...]
    assignment: Assignment
    forgers: tuple[Forger, ...] = ()
    is_genuine_alone: bool = False

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
        data, seed = config.data, config.training.seed
        if self.forgers:
            check_pairs(data.batch_size, world)
        if self.is_genuine_alone:
            return genuine_batches(
                len(self.train), data.batch_size, seed, epoch, rank, world
            )
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
        known = {
            "protocol": self.assignment.as_dict(),
            "datasets": _count_by_dataset(self.train),
            "synthetic": _count_by_dataset(synthetic),
            "train": len(self.train),
            "val": len(self.val),
        }
        if not self.forgers:
            return known
        forged = {
            "forgers": [forger.name for forger in self.forgers],
            "genuine_alone": self.is_genuine_alone,
            "validation": self.validates_on_forgeries,
        }
        return {**known, "forged": forged}

    @property
    def validates_on_forgeries(self) -> bool:
        """Whether validation has genuine videos alone, so that its fakes are forged."""
        return bool(self.forgers and self.val) and not _has_fake(self.val)


def load_training_set(shards: Path, config: RunConfig) -> TrainingSet:
    """The training and validation videos in a folder of shards.

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: the protocol puts no video into the split `train`, or forged windows are
            asked for and cannot be made.
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
    val = _of_split(listed.videos, assignment, "val")
    if not config.data.forge:
        return TrainingSet(train, val, assignment)
    forgers = chosen_forgers(config.data.forger_names)
    genuine = tuple(video for video in train if is_genuine(video))
    if not genuine:
        raise SettingsError(
            f"{shards}: no training video is labelled real, and forgeries are made of those; "
            "prepare genuine videos with the label real (`avdf prep --help`)"
        )
    is_alone = _trains_on_genuine_alone(train, config.data)
    chosen = genuine if is_alone else train
    labelled = tuple(_labelled_whole(video) for video in chosen)
    found = TrainingSet(labelled, val, assignment, forgers, is_alone)
    if not found.validates_on_forgeries:
        return found
    return replace(found, val=tuple(_labelled_whole(video) for video in val))


def label_table(videos: Sequence[VideoRef]) -> LabelTable:
    """(videos, 3) label, label_visual, label_audio."""
    rows = [
        (video.info.label, video.info.label_visual, video.info.label_audio)
        for video in videos
    ]
    return np.array(rows, np.int8).reshape(len(rows), 3)


def _labelled_whole(video: VideoRef) -> VideoRef:
    """The same video; of a genuine one, picture and sound are labelled genuine too.

    A list of genuine videos often says no more than that. Its forgeries say of each part whether it
    is fake, and beside genuine windows without such labels a verdict would learn from fakes alone.
    """
    if not is_genuine(video):
        return video
    known = replace(video.info, label_visual=REAL, label_audio=REAL)
    return replace(video, info=known)


def _trains_on_genuine_alone(train: Sequence[VideoRef], data: DataSettings) -> bool:
    """Whether no fake training video is read.

    Raises:
        SettingsError: there are, and the sampling does not put one after each genuine video.
    """
    if not _has_fake(train) or data.forge_share == 1:
        return True
    if data.sampling not in ("balanced", "paired"):
        raise SettingsError(
            f"data.forge replaces fake windows by forged copies of the genuine ones before them: "
            f"it works with data.sampling balanced or paired, not {data.sampling}"
        )
    return False


def _has_fake(videos: Sequence[VideoRef]) -> bool:
    return any(video.info.label == FAKE for video in videos)


def _of_split(
    videos: Sequence[VideoRef], assignment: Assignment, split: str
) -> tuple[VideoRef, ...]:
    return tuple(video for video in videos if assignment.of(video.info.id) == split)


def _count_by_dataset(videos: Sequence[VideoRef]) -> dict[str, int]:
    return dict(Counter(video.info.dataset for video in videos))
