"""Which videos of a folder of shards are scored, and what is odd about that choice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import SPLITS, VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.stream.index import FolderIndex, VideoRef, index_folder
from avdf.model.protocols import Assignment, assign
from avdf.model.runs.loaded import LoadedRun
from avdf.model.runs.run_splits import RunSplits, splits_in_training
from avdf.model.scoring.subjects import Subject, subjects_in


@dataclass(frozen=True)
class Choice:
    """The videos of a folder of shards that are scored, and those that cannot be.

    assignment  the protocol that chose them
    split       '' for every video
    videos      where each video is in the shards
    subjects    what is known of each of these videos, in the same order
    missing     listed videos of the split that preparation failed on
    trained_on  how many of the videos were in training or validation
    notes       sentences for the reader: what is odd about the split
    """

    assignment: Assignment
    split: str
    videos: tuple[VideoRef, ...]
    subjects: tuple[Subject, ...]
    missing: tuple[Unprepared, ...]
    trained_on: int = 0
    notes: tuple[str, ...] = ()

    @property
    def listed(self) -> list[Subject | Unprepared]:
        """Every chosen video: those that are scored, then those that cannot be."""
        return [*self.subjects, *self.missing]


def choose(
    run: LoadedRun,
    shards: Path,
    split: str,
    protocol: str = "",
) -> Choice:
    """The videos of a split ('': all) under a protocol ('': the one the run was trained with).

    Raises:
        ShardError: the shards cannot be read.
        SettingsError: an unknown protocol, or an unknown or empty split.
    """
    check_split(split)
    data = run.info.config.data
    listed = index_folder(shards)
    assignment = assign(
        protocol or data.protocol,
        listed.infos,
        data.split_seed,
    )
    choice = choose_from(shards, listed, split, assignment)
    used = splits_in_training(run.folder, run.info, listed.infos)
    return replace(
        choice,
        trained_on=sum(used.has_seen(video.info) for video in choice.videos),
        notes=_notes(run, assignment, protocol, used, listed.infos),
    )


def check_split(split: str) -> None:
    """Refuse a split that does not exist; '' stands for every video.

    Raises:
        SettingsError: there is no such split.
    """
    if split and split not in SPLITS:
        known = ", ".join(SPLITS)
        raise SettingsError(f"split {split!r} is unknown; use one of {known}, or all")


def choose_from(
    shards: Path, listed: FolderIndex, split: str, assignment: Assignment
) -> Choice:
    """The videos of a split ('': all) of a folder whose index is read, whoever scores them.

    Raises:
        SettingsError: the split is empty.
    """
    videos = tuple(
        video for video in listed.videos if split in ("", assignment.of(video.info.id))
    )
    if not videos:
        raise _empty_split(shards, split, listed, assignment)
    return Choice(
        assignment=assignment,
        split=split,
        videos=videos,
        subjects=subjects_in(shards, videos, assignment),
        missing=_missing(listed, split, assignment),
    )


def _missing(
    listed: FolderIndex, split: str, assignment: Assignment
) -> tuple[Unprepared, ...]:
    """The videos of the split that preparation failed on, with the split that was assigned."""
    missing = []
    for item in listed.unprepared:
        assigned = assignment.of(item.info.id)
        if split in ("", assigned):
            info = replace(item.info, split=assigned or item.info.split)
            missing.append(replace(item, info=info))
    return tuple(missing)


def _empty_split(
    shards: Path, split: str, listed: FolderIndex, assignment: Assignment
) -> SettingsError:
    why = "".join(f"{note}; " for note in assignment.notes)
    return SettingsError(
        f"{shards}: no video of split {split!r} among {len(listed.videos)} "
        f"(protocol {assignment.name}); {why}see `avdf protocol {assignment.name} {shards}`"
    )


def _notes(
    run: LoadedRun,
    assignment: Assignment,
    asked: str,
    used: RunSplits,
    listed: Sequence[VideoInfo],
) -> tuple[str, ...]:
    """What is odd about the split: a changed table, or splits that differ from those of training.

    `asked` is the protocol that the caller named; a protocol that was asked for may differ.
    """
    notes = [used.note] if used.note else []
    protocol = run.info.data.get("protocol", {})
    trained_with = protocol.get("sha256", "")
    same_data = any(info.dataset in used.datasets for info in listed)
    if not asked and same_data and trained_with and trained_with != assignment.sha256:
        notes.append(
            f"the protocol {assignment.name} does not split these videos as when the run was "
            f"trained (sha256 {trained_with[:16]} then, {assignment.sha256[:16]} now): "
            "the videos or the table have changed"
        )
    return tuple(notes)
