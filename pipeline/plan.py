"""The plan of a prep job: which video goes into which shard. Pure, kept in `prep.json`, only ever extended."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from avdf.cache.durable import write_text
from avdf.cache.errors import SettingsError, SourceError
from avdf.pipeline.settings import PrepSettings

PLAN_FILE = "prep.json"
_MOST_VIDEOS_PER_SHARD = 32
_LEAST_SHARDS = 8


@dataclass(frozen=True)
class Plan:
    """Settings and, for each task (= shard), the ids of its videos."""

    settings: dict[str, Any]
    tasks: tuple[tuple[str, ...], ...] = ()

    def extend(self, ids: Iterable[str]) -> "Plan":
        """The plan with new shards for the ids, in their order."""
        ids = tuple(ids)
        size = videos_per_shard(len(ids), int(self.settings.get("videos_per_shard", 0)))
        new = tuple(ids[at : at + size] for at in range(0, len(ids), size))
        return replace(self, tasks=(*self.tasks, *new))

    @property
    def ids(self) -> set[str]:
        """Every id that has a place."""
        return {name for task in self.tasks for name in task}

    def save(self, folder: Path) -> None:
        content = {"format": "avdf-prep", "settings": self.settings, "tasks": self.tasks}
        write_text(folder / PLAN_FILE, json.dumps(content, indent=1))


def videos_per_shard(videos: int, wanted: int = 0) -> int:
    """How many videos a shard holds: as wanted, else so many that there are at least 8 shards, at most 32."""
    return wanted or max(1, min(_MOST_VIDEOS_PER_SHARD, -(-videos // _LEAST_SHARDS)))


def load_plan(folder: Path, settings: PrepSettings) -> Plan:
    """The folder's plan, or an empty one.

    Raises:
        SettingsError: the folder was prepared with other settings.
        SourceError: the plan cannot be read.
    """
    wanted = json.loads(json.dumps(settings.as_dict()))
    path = folder / PLAN_FILE
    if not path.exists():
        return Plan(wanted)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known, tasks = content["settings"], content["tasks"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path}: not a plan of `avdf prep` ({error}); prepare into another folder") from None
    changed = differences(known, wanted)
    if changed:
        raise SettingsError(
            f"{folder} was prepared with other settings: {'; '.join(changed)}. Use those, or another --out folder"
        )
    return Plan(known, tuple(tuple(task) for task in tasks))


def differences(known: Any, wanted: Any, name: str = "") -> list[str]:
    """What differs between two settings, one phrase each: `face.margin 1.3, now 1.5`."""
    if isinstance(known, dict) and isinstance(wanted, dict):
        names: Sequence[str] = sorted({*known, *wanted})
        return [
            phrase
            for key in names
            for phrase in differences(known.get(key), wanted.get(key), f"{name}.{key}" if name else key)
        ]
    return [] if known == wanted else [f"{name} {known}, now {wanted}"]
