"""The split of each video when a run was trained, from the run's `protocol.csv`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import RunError
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.model.protocols import Assignment, assign
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.folder import RunFolder

_TABLE = TableKind(
    required=("id", "split"),
    error=RunError,
    advice="take the table from a copy of the run, or remove it",
)


@dataclass(frozen=True)
class RunSplits:
    """The split that each video had in training.

    splits    id of a video -> `train`, `val` or `test`
    datasets  names of the datasets of training; an equal id in another one is another video
    note      a sentence where `splits` may be wrong; '' where training wrote this very table
    """

    splits: Mapping[str, str]
    datasets: frozenset[str]
    note: str = ""

    def has_seen(self, info: VideoInfo) -> bool:
        """Whether a video was in training or validation."""
        if info.dataset not in self.datasets:
            return False
        return self.splits.get(info.id) in ("train", "val")


def splits_in_training(
    folder: RunFolder, info: CheckpointInfo, listed: Iterable[VideoInfo]
) -> RunSplits:
    """The splits of `listed` videos when the run was trained.

    They come from the run's `protocol.csv`. Where that file is missing, they are computed again
    from the run's configuration and the listed videos.

    Raises:
        RunError: the table cannot be read.
    """
    datasets = frozenset(info.data.get("datasets", {}))
    # Videos of other datasets cannot have been in training, whatever their ids are.
    own = [video for video in listed if video.dataset in datasets]
    if not own:
        return RunSplits({}, datasets)
    if not folder.protocol.is_file():
        splits, note = _computed_again(folder.protocol, info, own)
        return RunSplits(splits, datasets, note)
    splits = read_run_splits(folder.protocol)
    # The checkpoint keeps the hash of the table, so that an edited table is noticed.
    written: Mapping[str, Any] = info.data.get("protocol", {})
    if _is_as_written(splits, written):
        return RunSplits(splits, datasets)
    note = f"{folder.protocol} is not the table that training wrote (its sha256 is another)"
    return RunSplits(splits, datasets, note)


def read_run_splits(path: Path) -> dict[str, str]:
    """Split of each video by its id, from a table with the columns id and split.

    Raises:
        RunError: the table cannot be read.
    """
    return {row["id"]: row["split"] for _, row in read_rows(path, _TABLE)}


def _computed_again(
    table: Path, info: CheckpointInfo, videos: Sequence[VideoInfo]
) -> tuple[Mapping[str, str], str]:
    """Splits by the run's own protocol, with a note unless their hash is that of training."""
    # The same protocol on the same list gives the same splits. The listed videos may be others now,
    # so the hash decides whether a note is needed.
    data = info.config.data
    assignment = assign(data.protocol, videos, data.split_seed)
    written = info.data.get("protocol", {})
    if assignment.sha256 == written.get("sha256"):
        return assignment.splits, ""
    note = f"{table} is missing: the splits of training are computed again, and may be wrong"
    return assignment.splits, note


def _is_as_written(splits: Mapping[str, str], written: Mapping[str, Any]) -> bool:
    """Whether splits have the hash that training wrote into the checkpoint."""
    try:
        found = Assignment(written["name"], written["version"], "", splits)
        return found.sha256 == str(written["sha256"])
    except (KeyError, ValueError):
        return False
