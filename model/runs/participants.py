"""Who a run was trained and validated on: its own table `protocol.csv`, checked against its checkpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from avdf.cache.core.errors import RunError
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.model.protocols import Assignment, assign
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.folder import RunFolder

TABLE = TableKind(("id", "split"), RunError, "take the table from a copy of the run, or remove it")


@dataclass(frozen=True)
class Participants:
    """The split that each video had in training.

    datasets  names of the datasets that training used: equal ids of other datasets are other videos
    note      a sentence on what cannot be relied on; '' where the table is the one that training wrote
    """

    splits: Mapping[str, str]
    datasets: frozenset[str]
    note: str = ""

    def has_seen(self, info: VideoInfo) -> bool:
        """Whether a video was in training or validation."""
        return info.dataset in self.datasets and self.splits.get(info.id) in ("train", "val")


def participants(
    folder: RunFolder, info: CheckpointInfo, listed: Iterable[VideoInfo]
) -> Participants:
    """From the run's `protocol.csv`; where there is none, computed again from the configuration and what is listed.

    Raises:
        RunError: the table cannot be read.
    """
    known = frozenset(info.data.get("datasets", {}))
    own = [video for video in listed if video.dataset in known]
    if not own:
        return Participants({}, known)
    written = info.data.get("protocol", {})
    if not folder.protocol.is_file():
        data = info.config.data
        found = assign(data.protocol, own, data.split_seed)
        changed = found.sha256 != written.get("sha256")
        note = (
            f"{folder.protocol} is missing: who was trained on is computed again, and may be wrong"
        )
        return Participants(found.splits, known, note if changed else "")
    splits = {row["id"]: row["split"] for _, row in read_rows(folder.protocol, TABLE)}
    try:
        same = (
            Assignment(written["name"], written["version"], "", splits).sha256 == written["sha256"]
        )
    except (KeyError, ValueError):
        same = False
    note = f"{folder.protocol} is not the table that training wrote (its sha256 is another)"
    return Participants(splits, known, "" if same else note)
