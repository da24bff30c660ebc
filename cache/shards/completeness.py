"""Whether the shards of a folder match its table of inputs and its plan."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.counted import counted
from avdf.cache.core.errors import ShardError
from avdf.cache.core.labels import LABEL_COLUMNS
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import VIDEOS_FILE, ListedVideo, list_inputs

PLAN_FILE = "prep.json"  # the plan of `avdf prep`: which video belongs into which shard
_ADVICE = "run the same `avdf prep` again on this folder"
_COMPARED = ("split", *LABEL_COLUMNS)


def folder_faults(folder: Path, held: Mapping[str, tuple[VideoInfo, str]]) -> list[str]:
    """What is wrong with a folder of shards as a whole, one sentence for each fault.

    A folder with neither table nor plan has no faults.

    Args:
        held: each video in the shards, by its id, with the file name of its shard.

    Raises:
        ShardError: the table or the plan cannot be understood.
    """
    if not folder.is_dir():
        return []
    planned, listed = _planned_ids(folder), list_inputs(folder)
    if listed is None:
        unfinished = (
            f"preparation is not finished: there is no {VIDEOS_FILE} yet; {_ADVICE}"
        )
        return [unfinished] if planned else []
    content = _Content(planned, {row.info.id: row for row in listed}, held)
    return [
        *_unfinished(content),
        *_missing(content),
        *_unlisted(content),
        *_in_another_shard(content),
        *_contradictions(content),
    ]


@dataclass(frozen=True)
class _Content:
    """What a folder of shards should hold, and what it holds.

    planned  the ids of the plan
    listed   the rows of the table by id
    held     the videos in the shards by id, with the file name of the shard
    """

    planned: Sequence[str]
    listed: Mapping[str, ListedVideo]
    held: Mapping[str, tuple[VideoInfo, str]]


def _unfinished(content: _Content) -> Iterator[str]:
    waiting = [name for name in content.planned if name not in content.listed]
    if waiting:
        yield f"preparation is not finished: {_some(waiting)} of the plan not done; {_ADVICE}"


def _missing(content: _Content) -> Iterator[str]:
    prepared = [name for name, row in content.listed.items() if row.prepared]
    missing = [name for name in prepared if name not in content.held]
    if missing:
        shard = content.listed[missing[0]].shard or "a shard"
        yield f"{shard} is missing or was replaced: it should hold {_some(missing)}; {_ADVICE}"


def _unlisted(content: _Content) -> Iterator[str]:
    unlisted = [name for name in content.held if name not in content.listed]
    if unlisted:
        _, shard = content.held[unlisted[0]]
        yield (
            f"{shard} holds {_some(unlisted)} that {VIDEOS_FILE} does not list; remove that shard"
        )


def _in_another_shard(content: _Content) -> Iterator[str]:
    moved = []
    for name, (_, shard) in content.held.items():
        # Tables of old versions do not name the shard.
        if name in content.listed and content.listed[name].shard not in ("", shard):
            moved.append(name)
    if moved:
        wanted = content.listed[moved[0]].shard
        _, shard = content.held[moved[0]]
        yield (
            f"{_some(moved)} should be in {wanted}, not {shard}; remove both shards, then {_ADVICE}"
        )


def _contradictions(content: _Content) -> Iterator[str]:
    """The first label or split that differs between table and shard."""
    for name, (info, shard) in content.held.items():
        row = content.listed.get(name)
        if row is None or not row.prepared:
            continue
        for column in _COMPARED:
            in_shard, in_table = getattr(info, column), getattr(row.info, column)
            if in_shard != in_table:
                yield (
                    f"{name!r} has {column} {in_shard!r} in {shard} "
                    f"and {in_table!r} in {VIDEOS_FILE}; remove {shard} and {_ADVICE}"
                )
                return


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
    """`3 videos (first: 'a.mp4')`."""
    return f"{counted(len(names), 'video')} (first: {names[0]!r})"
