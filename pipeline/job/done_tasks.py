"""The tasks of a folder that are done: a file for each, written after its shard, with the rows of its videos."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from avdf.cache.files.atomic_file import write_text
from avdf.cache.shards.inputs_table import OK
from avdf.cache.shards.schema import shard_name
from avdf.pipeline.job.plan import Plan
from avdf.pipeline.job.task import VideoRow

TASKS_FOLDER = "tasks"
MARK_GLOB = "[0-9][0-9][0-9][0-9][0-9].json"

Rows = tuple[VideoRow, ...]


@dataclass(frozen=True)
class Done:
    """What a folder's marks say, held against the plan.

    tasks    rows of each task that is done
    failed   the last known failure of videos whose own task is not done
    crowded  shards that also hold a video which is another shard's by the plan
    """

    tasks: dict[int, Rows]
    failed: dict[str, VideoRow]
    crowded: tuple[int, ...]

    def rows(self, plan: Plan) -> Rows:
        """One row for each video of which anything is known, in the order of planning."""
        found = self.failed | {row.id: row for rows in self.tasks.values() for row in rows}
        return tuple(found[name] for name in dict.fromkeys((*plan.videos, *found)) if name in found)


def mark_done(folder: Path, index: int, rows: Sequence[VideoRow]) -> None:
    """Say that a task is done; a shard of an earlier try in which nothing is left is removed."""
    if not any(row.status == OK for row in rows):
        (folder / shard_name(index)).unlink(missing_ok=True)
    content = {"avdf_task": index, "rows": [asdict(row) for row in rows]}
    write_text(_mark(folder, index), json.dumps(content, indent=1))


def read_marks(folder: Path, plan: Plan) -> Done:
    """What is done: marked, with exactly the videos that the plan gives to the task, and the shard is there."""
    tasks: dict[int, Rows] = {}
    failed: dict[str, VideoRow] = {}
    crowded = []
    for index, names in enumerate(plan.tasks):
        rows = {row.id: row for row in _read(folder, index)}
        failed.update({name: row for name, row in rows.items() if row.status != OK})
        prepared = {name for name, row in rows.items() if row.status == OK}
        if prepared - set(names):
            crowded.append(index)
        elif set(names) <= set(rows) and (not prepared or (folder / shard_name(index)).is_file()):
            tasks[index] = tuple(rows[name] for name in names)
    return Done(tasks, failed, tuple(crowded))


def _read(folder: Path, index: int) -> Rows:
    try:
        content = json.loads(_mark(folder, index).read_text(encoding="utf-8"))
        return tuple(VideoRow(**row) for row in content["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _mark(folder: Path, index: int) -> Path:
    return folder / TASKS_FOLDER / f"{index:05d}.json"
