"""Whether the shards of a folder are those that its own table and plan speak of."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from avdf.cache.core.errors import ShardError
from avdf.cache.core.labels import LABEL_COLUMNS
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import VIDEOS_FILE, ListedVideo, list_inputs

PLAN_FILE = "prep.json"  # what `avdf prep` has in mind: which video goes into which shard
_ADVICE = "run the same `avdf prep` again on this folder"
_COMPARED = ("split", *LABEL_COLUMNS)


def folder_faults(folder: Path, held: Mapping[str, tuple[VideoInfo, str]]) -> list[str]:
    """What is wrong with a folder of shards as a whole, one sentence each; nothing where it has neither table nor plan.

    Args:
        held: each video that a shard of the folder holds, by its id, with the file name of that shard.

    Raises:
        ShardError: the table or the plan cannot be understood.
    """
    if not folder.is_dir():
        return []
    planned, listed = _planned_ids(folder), list_inputs(folder)
    if listed is None:
        return (
            [f"preparation is not finished: there is no {VIDEOS_FILE} yet; {_ADVICE}"]
            if planned
            else []
        )
    by_id = {row.info.id: row for row in listed}
    faults = []
    waiting = [name for name in planned if name not in by_id]
    if waiting:
        faults.append(
            f"preparation is not finished: {_some(waiting)} of the plan not done; {_ADVICE}"
        )
    lost = [name for name, row in by_id.items() if row.prepared and name not in held]
    if lost:
        shard = by_id[lost[0]].shard or "a shard"
        faults.append(
            f"{shard} is missing or was replaced: it should hold {_some(lost)}; {_ADVICE}"
        )
    strange = [name for name in held if name not in by_id]
    if strange:
        place = held[strange[0]][1]
        faults.append(
            f"{place} holds {_some(strange)} that {VIDEOS_FILE} does not list; remove that shard"
        )
    moved = [
        name
        for name, (_, place) in held.items()
        if name in by_id and by_id[name].shard not in ("", place)
    ]
    if moved:
        where = f"{by_id[moved[0]].shard}, not {held[moved[0]][1]}"
        faults.append(f"{_some(moved)} should be in {where}; remove both shards, then {_ADVICE}")
    faults += _contradictions(by_id, held)
    return faults


def _contradictions(
    by_id: Mapping[str, ListedVideo], held: Mapping[str, tuple[VideoInfo, str]]
) -> list[str]:
    """A label or a split of which table and shard say different things."""
    for name, (info, place) in held.items():
        row = by_id.get(name)
        for column in _COMPARED if row and row.prepared else ():
            there, here = getattr(info, column), getattr(row.info, column) if row else None
            if there != here:
                advice = f"remove {place} and {_ADVICE}"
                return [
                    f"{name!r} has {column} {there!r} in {place} and {here!r} in {VIDEOS_FILE}; {advice}"
                ]
    return []


def _planned_ids(folder: Path) -> list[str]:
    path = folder / PLAN_FILE
    if not path.is_file():
        return []
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))["tasks"]
        return [str(name) for task in tasks for name in task]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ShardError(
            f"{path}: not a plan of `avdf prep` ({error}); prepare into another folder"
        ) from None


def _some(names: Sequence[str]) -> str:
    return f"{len(names)} video{'s' if len(names) > 1 else ''} (first: {names[0]!r})"
