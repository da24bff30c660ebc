"""The finished tasks of a folder: a mark for each, written after its shard, with its rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.files.atomic_file import write_text
from avdf.cache.shards.inputs_table import OK
from avdf.cache.shards.schema import shard_name
from avdf.pipeline.job.plan import PrepPlan
from avdf.pipeline.job.task import Rows
from avdf.pipeline.job.video_row import VideoRow

TASKS_FOLDER = "tasks"
MARK_GLOB = "[0-9][0-9][0-9][0-9][0-9].json"


@dataclass(frozen=True)
class DoneTasks:
    """What the marks of a folder say, compared with the plan.

    rows_of  index -> rows, of each task that is done
    failed   id -> the last known failure, of videos whose own task is not done
    crowded  shards that also hold a video which the plan gives to another shard
    """

    rows_of: Mapping[int, Rows]
    failed: Mapping[str, VideoRow]
    crowded: tuple[int, ...]

    def rows(self, plan: PrepPlan) -> Rows:
        """One row for each video of which anything is known, in the order of planning."""
        found = dict(self.failed)
        for rows in self.rows_of.values():
            found.update({row.id: row for row in rows})
        order = dict.fromkeys((*plan.videos, *found))
        return tuple(found[name] for name in order if name in found)


def mark_done(folder: Path, index: int, rows: Rows) -> None:
    """Mark a task as done; a shard of an earlier try in which nothing is left is removed."""
    if not any(row.status == OK for row in rows):
        (folder / shard_name(index)).unlink(missing_ok=True)
    # The mark comes after the shard. A job that is killed between the two writes the shard again.
    columns = [row.as_columns() for row in rows]
    content = {"avdf_task": index, "rows": columns}
    text = json.dumps(content, indent=1)
    write_text(_mark(folder, index), text)


def read_marks(folder: Path, plan: PrepPlan) -> DoneTasks:
    """Which tasks of the plan are done.

    A task is done if its mark has a row for each of its videos, no video of another task was
    prepared with them, and its shard is there.
    """
    rows_of: dict[int, Rows] = {}
    failed: dict[str, VideoRow] = {}
    crowded = []
    for index, names in enumerate(plan.tasks):
        rows = {row.id: row for row in _read(folder, index)}
        prepared = set()
        for name, row in rows.items():
            if row.status == OK:
                prepared.add(name)
            else:
                failed[name] = row
        # Videos can move to other tasks when failed ones are tried again. A shard that still holds
        # a video which another task has now must be built anew, or the video would be in both.
        if prepared - set(names):
            crowded.append(index)
            continue
        all_are_known = set(names) <= set(rows)
        shard_is_there = (folder / shard_name(index)).is_file()
        # Where every video failed there is no shard, and none is needed.
        if all_are_known and (not prepared or shard_is_there):
            rows_of[index] = tuple(rows[name] for name in names)
    return DoneTasks(rows_of, failed, tuple(crowded))


def _read(folder: Path, index: int) -> Rows:
    """The rows of a mark; none where it is missing or damaged: the task is then run again."""
    try:
        text = _mark(folder, index).read_text(encoding="utf-8")
        rows = json.loads(text)["rows"]
        return tuple(VideoRow.from_columns(row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _mark(folder: Path, index: int) -> Path:
    return folder / TASKS_FOLDER / f"{index:05d}.json"
